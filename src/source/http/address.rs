//! Which addresses a source may be asked at, and the look-up of names that holds to it.
//!
//! A name that points into the machine itself, or to the service that hands credentials to cloud machines, is refused
//! when it is looked up, and the address that was judged is the one that is connected to. Must not know requests.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

/// An address that no source may be asked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}, {kind}")]
pub(super) struct Refused {
    /// The address, with the name that points to it.
    what: String,
    /// What kind of address it is.
    kind: &'static str,
}

/// The one name for the own machine that may mean it.
const OWN_NAME: &str = "localhost";

/// Addresses of metadata services that lie in no reserved block.
const METADATA: &[IpAddr] = &[
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// Checks an address that stands in the settings as such. It counts as named, so that the own machine is allowed.
pub(super) fn literal(address: IpAddr) -> Result<(), Refused> {
    match kind(address) {
        Some((kind, Own::No)) => Err(Refused { what: address.to_string(), kind }),
        _ => Ok(()),
    }
}

/// Checks an address that a name points to.
fn resolved(name: &str, address: IpAddr) -> Result<(), Refused> {
    match kind(address) {
        Some((_, Own::Yes)) if name.trim_end_matches('.').eq_ignore_ascii_case(OWN_NAME) => Ok(()),
        Some((kind, _)) => Err(Refused { what: format!("{name} is {address}"), kind }),
        None => Ok(()),
    }
}

enum Own {
    Yes,
    No,
}

/// Says what makes an address one that is refused, and whether it is the own machine.
fn kind(address: IpAddr) -> Option<(&'static str, Own)> {
    let address = plain(address);
    if METADATA.contains(&address) || address == IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)) {
        return Some(("the metadata service of a cloud", Own::No));
    }
    if address.is_loopback() {
        return Some(("the own machine", Own::Yes));
    }
    if address.is_unspecified() || matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 0) {
        return Some(("no address of a host", Own::No));
    }
    if address.is_multicast() || address == IpAddr::V4(Ipv4Addr::BROADCAST) {
        return Some(("an address of many hosts", Own::No));
    }
    let link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    link_local.then_some(("an address of the local link", Own::No))
}

/// Takes an IPv4 address out of the IPv6 forms that carry one: mapped, compatible, NAT64 and 6to4.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else { return address.to_canonical() };
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => inner(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => inner(high, low),
        _ => IpAddr::V6(v6),
    }
}

/// How names are looked up.
type Names = dyn Fn(&str) -> std::io::Result<Vec<SocketAddr>> + Send + Sync;

/// Looks names up and refuses a name of which any address is refused.
pub(super) struct Lookup(Arc<Names>);

impl Lookup {
    /// Looks names up as the machine does.
    pub(super) fn of_the_machine() -> Self {
        Self::by(|name| Ok((name, 0).to_socket_addrs()?.collect()))
    }

    /// Looks names up by a function.
    pub(super) fn by(names: impl Fn(&str) -> std::io::Result<Vec<SocketAddr>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(names))
    }
}

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let names = Arc::clone(&self.0);
        Box::pin(async move {
            // The machine's own look-up may block for long; it gets a thread of its own, and the limit of connecting
            // ends the wait.
            let looking = tokio::task::spawn_blocking(move || {
                let found = names(name.as_str())?;
                for address in &found {
                    resolved(name.as_str(), address.ip())?;
                }
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(found)
            });
            let addresses: Addrs = Box::new(looking.await??.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_the_own_machine_and_of_private_nets_are_named_and_others_are_refused() {
        for fine in ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.7", "172.16.4.4", "fd12::7", "203.0.113.5"] {
            assert_eq!(literal(fine.parse().unwrap()), Ok(()), "{fine}");
        }
        for bad in [
            "169.254.169.254",
            "169.254.1.1",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert!(literal(bad.parse().unwrap()).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_name_localhost_may_mean_the_own_machine() {
        let own = "127.0.0.1".parse().unwrap();
        assert!(resolved("localhost", own).is_ok() && resolved("LOCALHOST.", own).is_ok());
        let refused = resolved("desk.example", own).unwrap_err();
        assert_eq!(refused.to_string(), "desk.example is 127.0.0.1, the own machine");
        assert!(resolved("localhost", "169.254.169.254".parse().unwrap()).is_err());
        assert!(resolved("desk.example", "::ffff:127.0.0.1".parse().unwrap()).is_err());
        assert!(resolved("desk.example", "10.0.0.1".parse().unwrap()).is_ok());
    }
}
