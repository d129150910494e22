//! Why a server was not believed, in words: the reason and what can be done about it.
//!
//! Must not know how certificates are checked; it only reads the verdict.

use super::said;
use super::tls::{OtherThanPinned, SelfSigned};
use chrono::DateTime;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};

/// Most names of a certificate that are told.
const MOST_NAMES: usize = 8;

/// Returns the reason and the remedy.
pub(super) fn explain(error: &Error) -> (String, String) {
    match error {
        Error::InvalidCertificate(error) => certificate(error),
        Error::PeerIncompatible(
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        )
        | Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::InvalidMessage(InvalidMessage::UnknownProtocolVersion) => old_protocol(),
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => (
            format!("the server does not accept our certificate ({})", said::short(&error.to_string())),
            "the tool wants `client_certificate` and `client_key` that its authority signed; ask its owner".into(),
        ),
        Error::InvalidMessage(_) => (
            format!("the server does not speak TLS there ({})", said::short(&error.to_string())),
            "check the port in `url`; a server that speaks plain HTTP wants `http://` and `allow_http`".into(),
        ),
        Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::HandshakeFailure) => (
            format!("the server and we have no cipher in common ({})", said::short(&error.to_string())),
            "its owner must turn on TLS 1.2 or 1.3 with ciphers of today".into(),
        ),
        other => (
            format!("no safe connection: {}", said::short(&other.to_string())),
            "ask the server's owner; a device on the way may be changing the connection".into(),
        ),
    }
}

fn certificate(error: &CertificateError) -> (String, String) {
    match error {
        CertificateError::Expired => expired(""),
        CertificateError::ExpiredContext { not_after, .. } => expired(&format!(" on {}", day(*not_after))),
        CertificateError::NotValidYet => not_yet(""),
        CertificateError::NotValidYetContext { not_before, .. } => not_yet(&format!(" before {}", day(*not_before))),
        CertificateError::NotValidForName => wrong_name(None, &[]),
        CertificateError::NotValidForNameContext { expected, presented } => wrong_name(Some(expected), presented),
        CertificateError::UnknownIssuer => (
            "the server's certificate is signed by an authority that is not known here".into(),
            "name the company's authority as `ca_file`; or the server leaves out an intermediate certificate, which its \
             owner must add"
                .into(),
        ),
        #[expect(deprecated, reason = "a provider may still report it")]
        CertificateError::UnsupportedSignatureAlgorithm
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => weak(),
        CertificateError::Revoked => (
            "the server's certificate is revoked".into(),
            "do not connect; the server's owner must have a new one made".into(),
        ),
        CertificateError::BadSignature => (
            "the server's certificate is not signed by the authority that it names".into(),
            "name the right authority as `ca_file`; a device on the way may be answering in the tool's place".into(),
        ),
        CertificateError::Other(other) if other.0.downcast_ref::<SelfSigned>().is_some() => self_signed(),
        CertificateError::Other(other) => match other.0.downcast_ref::<OtherThanPinned>() {
            Some(shown) => (
                format!("the server shows another certificate than the pinned one: its SHA-256 is {}", shown.found),
                "if its owner says that it was renewed, write that into `pin_sha256`; else do not connect".into(),
            ),
            // An authority's certificate in a server's place is one that was made by hand, mostly.
            None if other.to_string().contains("CaUsedAsEndEntity") => self_signed(),
            None => unusable(&other.to_string()),
        },
        other => unusable(&other.to_string()),
    }
}

fn expired(when: &str) -> (String, String) {
    (
        format!("the server's certificate has expired{when}"),
        "its owner must renew it; check the clock of this machine too".into(),
    )
}

fn not_yet(when: &str) -> (String, String) {
    (
        format!("the server's certificate is not valid{when} yet"),
        "check the clock of this machine, then of the server".into(),
    )
}

fn weak() -> (String, String) {
    (
        "the server's certificate is signed with an algorithm that is too weak, such as SHA-1".into(),
        "its owner must have a new one made, signed with SHA-256 or better".into(),
    )
}

fn self_signed() -> (String, String) {
    (
        "the server's certificate is self-signed: nobody vouches for it".into(),
        "its owner gets one from the company's authority; until then compare its SHA-256 with the owner and write it as \
         `pin_sha256`"
            .into(),
    )
}

fn old_protocol() -> (String, String) {
    (
        "the server speaks only protocols that are too old (TLS 1.1 or older)".into(),
        "its owner must turn on TLS 1.2 or 1.3".into(),
    )
}

fn unusable(what: &str) -> (String, String) {
    (
        format!("the server's certificate cannot be used: {}", said::short(what)),
        "its owner must have a new one made".into(),
    )
}

fn wrong_name(expected: Option<&ServerName<'_>>, presented: &[String]) -> (String, String) {
    let names: Vec<String> = presented.iter().take(MOST_NAMES).map(|name| plain_name(name)).collect();
    let more = presented.len().saturating_sub(MOST_NAMES);
    let held = match (names.is_empty(), more) {
        (true, _) => "no name at all".to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{} and {more} more", names.join(", ")),
    };
    let asked = expected.map_or_else(|| "the asked name".into(), |name| said::short(&name.to_str()));
    if matches!(expected, Some(ServerName::IpAddress(_))) {
        return (
            format!("the server's certificate is not made for the address {asked}; it holds {}", said::short(&held)),
            "write a name that it holds into `url`, or its owner must have one made with this address as a subject \
             alternative name"
                .into(),
        );
    }
    (
        format!("the server's certificate is not made for {asked}; it holds {}", said::short(&held)),
        "write a name that it holds into `url`, or its owner must have one made for this name".into(),
    )
}

/// Takes a name out of the library's notation, `DnsName("desk.example")`.
fn plain_name(shown: &str) -> String {
    let inner = shown.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(shown);
    said::short(inner.trim_matches('"'))
}

fn day(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .map_or_else(|| "a date that cannot be".into(), |instant| instant.format("%Y-%m-%d").to_string())
}
