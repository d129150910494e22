//! Certificates of all sorts, made when a test runs: none is kept, so that none expires.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PublicKeyData,
    SignatureAlgorithm, SigningKey, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An authority with its key.
pub type Authority = CertifiedIssuer<'static, KeyPair>;

pub fn params(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "desk");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2099, 1, 1);
    params
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = params(&[]);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

pub fn authority(name: &str) -> Authority {
    CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
}

/// An authority below another.
pub fn intermediate(name: &str, above: &Authority) -> Authority {
    CertifiedIssuer::signed_by(authority_params(name), KeyPair::generate().unwrap(), above).unwrap()
}

/// A certificate of a server or a client, and its key.
pub struct Leaf {
    pub certificate: CertificateDer<'static>,
    pub pem: String,
    pub key: KeyPair,
}

impl Leaf {
    fn of(certificate: &Certificate, key: KeyPair) -> Self {
        Self { certificate: certificate.der().clone(), pem: certificate.pem(), key }
    }

    fn private(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()))
    }

    /// SHA-256 of the certificate, in hex.
    pub fn sha256(&self) -> String {
        use sha2::{Digest, Sha256};
        Sha256::digest(&self.certificate).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// Settings of a server that shows this certificate, with others behind it.
    pub fn server(&self, behind: &[CertificateDer<'static>]) -> Arc<ServerConfig> {
        let chain = [std::slice::from_ref(&self.certificate), behind].concat();
        let config = builder().with_no_client_auth().with_single_cert(chain, self.private()).unwrap();
        Arc::new(config)
    }

    /// Settings of a server that wants a certificate of an authority from its clients.
    pub fn server_for_clients_of(&self, authority: &Authority) -> Arc<ServerConfig> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider()))
            .build()
            .unwrap();
        let config = builder()
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![self.certificate.clone()], self.private())
            .unwrap();
        Arc::new(config)
    }
}

fn builder() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
}

pub fn leaf(params: &CertificateParams, authority: &Authority) -> Leaf {
    let key = KeyPair::generate().unwrap();
    Leaf::of(&params.signed_by(&key, authority).unwrap(), key)
}

pub fn self_signed(params: &CertificateParams) -> Leaf {
    let key = KeyPair::generate().unwrap();
    Leaf::of(&params.self_signed(&key).unwrap(), key)
}

/// An RSA key that is none: SHA-1 is refused before anybody looks at the signature.
struct HollowKey;

const MODULUS: [u8; 256] = [0xa5; 256];

impl PublicKeyData for HollowKey {
    fn der_bytes(&self) -> &[u8] {
        &MODULUS
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_RSA_SHA256
    }
}

impl SigningKey for HollowKey {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(vec![0x5a; 256])
    }
}

/// A certificate signed with SHA-1, and its authority's in PEM.
pub fn signed_with_sha1(names: &[&str]) -> (Leaf, String) {
    let authority = CertifiedIssuer::self_signed(authority_params("old authority"), HollowKey).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params(names).signed_by(&key, &authority).unwrap();
    let mut leaf = Leaf::of(&certificate, key);
    // sha256WithRSAEncryption becomes sha1WithRSAEncryption, in both places.
    let (new, old) = ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b], 0x05);
    let mut der = leaf.certificate.to_vec();
    let places: Vec<usize> = (0..der.len() - new.len()).filter(|at| der[*at..].starts_with(&new)).collect();
    assert_eq!(places.len(), 2);
    for at in places {
        der[at + new.len() - 1] = old;
    }
    leaf.certificate = der.into();
    (leaf, authority.pem())
}

/// Writes a file with a mode and returns its path.
pub fn file(folder: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}
