//! Why a request has no answer.
//!
//! Every text says what happened, to which request, and what to do. None has a query, a user or a secret in it.

/// Why a request has no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The settings of the source cannot be used.
    #[error("{message}\nhint: {hint}")]
    Access {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The request itself cannot be sent.
    #[error("{label}: {message}\nhint: {hint}")]
    Request {
        /// The request.
        label: String,
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The address is one that no source may be asked at.
    #[error("{label}: {message}\nhint: {hint}")]
    Address {
        /// The request.
        label: String,
        /// Which address, and what it is.
        message: String,
        /// What to do.
        hint: String,
    },
    /// No connection came about, or it broke before the answer began.
    #[error("{label}: {reason}\nhint: {hint}")]
    Unreachable {
        /// The request.
        label: String,
        /// Why.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The server is not who it should be, or speaks no protocol that is safe.
    #[error("{label}: {reason}\nhint: {hint}")]
    Tls {
        /// The request.
        label: String,
        /// Why its certificate or protocol is refused.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The server fell silent.
    #[error("{label}: nothing came for {waited_s} s\nhint: ask for less at a time, or raise the limit `idle`")]
    Silent {
        /// The request.
        label: String,
        /// How long it was waited for, in seconds.
        waited_s: u64,
    },
    /// The answer is larger or slower than an answer may be.
    #[error("{label}: {message}\nhint: {hint}")]
    Limit {
        /// The request.
        label: String,
        /// Which limit, and how it was passed.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The server sends the request somewhere else than it may go.
    #[error("{label}: {message}\nhint: {hint}")]
    Redirect {
        /// The request.
        label: String,
        /// Where to.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The answer is packed in a way that is not read here, or its packing is damaged.
    #[error("{label}: {message}\nhint: {hint}")]
    Packing {
        /// The request.
        label: String,
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The answer ends early, or is not HTTP.
    #[error("{label}: {reason}\nhint: {hint}")]
    Broken {
        /// The request.
        label: String,
        /// What is wrong.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The server answers with an error.
    #[error("{label}: the server answers {status}{}\nhint: {hint}", said_after_colon(.said))]
    Status {
        /// The request.
        label: String,
        /// The status: 401 for unknown credentials, 403 for missing rights, 429 for too many requests.
        status: u16,
        /// The first words of what it said, screened; may be empty.
        said: String,
        /// What to do.
        hint: String,
        /// The whole answer, for a connector that knows what it means.
        body: Vec<u8>,
    },
    /// A web page came where records were asked for.
    #[error("{label}: a web page came where records were asked for{}\nhint: {hint}", titled(.title))]
    WebPage {
        /// The request.
        label: String,
        /// The page's title, screened; may be empty.
        title: String,
        /// What to do.
        hint: &'static str,
    },
    /// It was tried more than once.
    #[error("tried {tries} times in {waited_s} s{}, the last time: {last}", said_after_comma(.why))]
    GivenUp {
        /// How often.
        tries: u32,
        /// Between the first try and the end, in seconds.
        waited_s: u64,
        /// Why not once more, where the number of tries is not the reason; may be empty.
        why: String,
        /// The last error.
        last: Box<HttpError>,
    },
    /// Whoever waited does not wait any more.
    #[error("{label}: cancelled")]
    Cancelled {
        /// The request.
        label: String,
    },
}

impl HttpError {
    /// Returns the status that the server answered with, also below [`HttpError::GivenUp`].
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::GivenUp { last, .. } => last.status(),
            _ => None,
        }
    }

    /// Tells whether the same request may succeed when it is sent again: the connection broke, or was never there.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Silent { .. } | Self::Broken { .. })
    }
}

fn said_after_colon(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

fn said_after_comma(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(", {why}") }
}

fn titled(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(": \"{title}\"") }
}
