//! Whom the client believes: the machine's authorities, a company's own from a file, or one pinned certificate.
//!
//! Knows certificates and keys. There is no way to believe everybody. Must not know requests.

use super::secret::open_to_others;
use super::{Access, HttpError, said};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

/// A certificate that vouches for itself.
#[derive(Debug, thiserror::Error)]
#[error("self-signed certificate")]
pub(super) struct SelfSigned;

/// A certificate other than the pinned one.
#[derive(Debug, thiserror::Error)]
#[error("certificate with the SHA-256 {found}")]
pub(super) struct OtherThanPinned {
    /// What the server showed, in hex.
    pub found: String,
}

/// Makes the settings of TLS 1.2 and 1.3 from those of a source.
pub(super) fn config(access: &Access) -> Result<ClientConfig, HttpError> {
    let provider = Arc::new(ring::default_provider());
    let trust = match &access.pin_sha256 {
        Some(pin) => Trust::Pin(pin_digest(pin)?),
        None => Trust::Authorities(authorities(access.ca_file.as_deref(), &provider)?),
    };
    let verifier = Arc::new(Verifier { trust, provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable("TLS", &error.to_string()))?
        // Not to believe more, but less (a pin), and to say more of what is wrong.
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    match (&access.client_certificate, &access.client_key) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(certificate), Some(key)) => builder
            .with_client_auth_cert(chain(certificate, "client_certificate")?, client_key(key)?)
            .map_err(|error| unusable("client_certificate", &format!("{error}; does the key belong to it?"))),
        (Some(_), None) => Err(unusable("client_key", "is missing beside `client_certificate`")),
        (None, Some(_)) => Err(unusable("client_certificate", "is missing beside `client_key`")),
    }
}

fn unusable(setting: &str, what: &str) -> HttpError {
    HttpError::Access {
        message: format!("`{setting}`: {}", said::short(what)),
        hint: format!("check `{setting}` in the [[source]] of config.toml"),
    }
}

/// Reads the authorities of the machine and of `ca_file`; `None` where there are none at all.
fn authorities(
    ca_file: Option<&Path>,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<WebPkiServerVerifier>>, HttpError> {
    let mut roots = RootCertStore::empty();
    // Single certificates of the machine that cannot be read are left out, as everywhere; what they vouch for is
    // refused later, with its reason.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        for certificate in chain(path, "ca_file")? {
            roots.add(certificate).map_err(|error| unusable("ca_file", &error.to_string()))?;
        }
    }
    if roots.is_empty() {
        return Ok(None);
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map(Some)
        .map_err(|error| unusable("ca_file", &error.to_string()))
}

/// Reads the certificates of a PEM file.
fn chain(path: &Path, setting: &str) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let shown = said::short(&path.to_string_lossy());
    let certificates: Result<Vec<_>, _> = std::fs::read(path)
        .map_err(|error| unusable(setting, &format!("{shown} cannot be read: {error}")))
        .map(|bytes| CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>())?;
    match certificates {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(unusable(
            setting,
            &format!("{shown} holds no certificate in PEM, which begins with `-----BEGIN CERTIFICATE-----`"),
        )),
        Err(error) => Err(unusable(setting, &format!("{shown} is damaged: {error}"))),
    }
}

/// Reads a private key that only its owner can read.
fn client_key(path: &Path) -> Result<PrivateKeyDer<'static>, HttpError> {
    let shown = said::short(&path.to_string_lossy());
    let unreadable = |error: std::io::Error| unusable("client_key", &format!("{shown} cannot be read: {error}"));
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if let Some(message) = open_to_others(&about) {
        return Err(HttpError::Access {
            message: format!("`client_key`: {shown} {message}"),
            hint: format!("chmod 600 {shown}, and make its user the owner"),
        });
    }
    let bytes = secrecy::zeroize::Zeroizing::new(std::fs::read(path).map_err(unreadable)?);
    PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|_| unusable("client_key", &format!("{shown} holds no private key in PEM that is not encrypted")))
}

/// Reads a pin: 64 hex digits, with or without colons, as `openssl x509 -fingerprint -sha256` prints them.
fn pin_digest(text: &str) -> Result<[u8; 32], HttpError> {
    let digits: Vec<u8> = text
        .trim()
        .chars()
        .filter(|c| *c != ':')
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()
        .unwrap_or_default();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    match <[u8; 32]>::try_from(bytes) {
        Ok(digest) if digits.len() == 64 => Ok(digest),
        _ => Err(unusable(
            "pin_sha256",
            "is no SHA-256 of a certificate: 64 hex digits, as `openssl x509 -noout -fingerprint -sha256` prints them",
        )),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[derive(Debug)]
enum Trust {
    /// A chain to one of these; `None` where the machine knows none.
    Authorities(Option<Arc<WebPkiServerVerifier>>),
    /// This certificate, whoever vouches for it.
    Pin([u8; 32]),
}

/// Judges a server's certificate.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// Checks a pinned certificate: its digest, its name, and its dates.
    fn pinned(
        &self,
        pin: [u8; 32],
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let found: [u8; 32] = Sha256::digest(certificate).into();
        if found != pin {
            return Err(other(OtherThanPinned { found: hex(&found) }));
        }
        let parsed = ParsedCertificate::try_from(certificate)?;
        // Without any authority the check of the chain judges the dates first and fails for the missing authority
        // afterwards: only what it says of dates counts.
        let chain = rustls::client::verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &RootCertStore::empty(),
            &[],
            now,
            self.provider.signature_verification_algorithms.all,
        );
        if let Err(rustls::Error::InvalidCertificate(error)) = &chain
            && is_of_dates(error)
        {
            return chain;
        }
        rustls::client::verify_server_name(&parsed, name)
    }

    /// Tells whether a certificate is its own authority.
    fn is_self_signed(&self, certificate: &CertificateDer<'_>, now: UnixTime) -> bool {
        let mut own = RootCertStore::empty();
        own.add(certificate.clone().into_owned()).is_ok()
            && ParsedCertificate::try_from(certificate).is_ok_and(|parsed| {
                rustls::client::verify_server_cert_signed_by_trust_anchor(
                    &parsed,
                    &own,
                    &[],
                    now,
                    self.provider.signature_verification_algorithms.all,
                )
                .is_ok()
            })
    }
}

fn is_of_dates(error: &CertificateError) -> bool {
    matches!(
        error,
        CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. }
    )
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(error))))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = match &self.trust {
            Trust::Pin(pin) => self.pinned(*pin, certificate, name, now).map(|()| ServerCertVerified::assertion()),
            Trust::Authorities(Some(known)) => known.verify_server_cert(certificate, intermediates, name, ocsp, now),
            Trust::Authorities(None) => Err(CertificateError::UnknownIssuer.into()),
        };
        match verdict {
            Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))
                if self.is_self_signed(certificate, now) =>
            {
                Err(other(SelfSigned))
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_read_as_openssl_prints_them() {
        let colons = ["AB"; 32].join(":");
        assert_eq!(pin_digest(&colons).unwrap(), [0xab; 32]);
        assert_eq!(pin_digest(&"0f".repeat(32)).unwrap(), [0x0f; 32]);
        for bad in ["", "ab", &"ab".repeat(31), &"ab".repeat(33), &"zz".repeat(32), &format!("{}a", "ab".repeat(31))] {
            assert!(pin_digest(bad).unwrap_err().to_string().contains("64 hex digits"), "{bad}");
        }
    }
}
