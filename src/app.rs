//! Carries out what the console or a command asks for.
//!
//! Knows books, sessions and workers: it finds a book, pulls or loads its rows, prepares figures, and answers requests
//! with documents and rows. Must not draw, parse arguments or format figures.

pub mod book;
pub mod connector;
pub mod console;
pub mod demo;
pub mod init;
mod kept;
pub mod past;
pub mod pull;
pub mod request;
pub mod rows;
pub mod session;
mod ticket;

pub use book::{Book, BookError};
pub use session::{Session, SessionError};
