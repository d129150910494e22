//! Not built yet.
pub mod request;
