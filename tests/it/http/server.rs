//! A small server that does as a test says: it records requests and writes whatever bytes it is told, over TCP or TLS.
//!
//! Knows just enough HTTP to see where a request ends. Must not know who asks, nor correct what a test wants wrong.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest request that is read, in bytes; it has to fit into a socket's buffer.
const LONGEST: usize = 64 << 10;
/// How long a connection waits for a request.
const PATIENCE: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(2);

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which request it is of its server, from 0.
    pub number: usize,
    pub method: String,
    /// Path and query, as they stand in the first line.
    pub target: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// All of it, as it came.
    pub raw: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The path, without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// A value of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes()).find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

/// The connection that a request came by.
pub struct Connection {
    stream: Stream,
    stop: Arc<AtomicBool>,
    open: bool,
    /// The last byte of a request is left unread until the answer is out: a socket that is closed with something
    /// unread tells the other side that it was reset.
    unread: usize,
}

impl Connection {
    /// Writes bytes as they are; tells whether the other side still takes any.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        let written = match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        };
        self.open &= written.is_ok();
        self.open && !self.stop.load(Ordering::Acquire)
    }

    /// Writes a whole answer with its length.
    pub fn answer(&mut self, status: u16, headers: &[(&str, &str)], body: &[u8]) -> bool {
        let mut head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.write(&[head.as_bytes(), body].concat())
    }

    /// Does nothing for a time, or until the server ends.
    pub fn pause(&self, wait: Duration) {
        let end = Instant::now() + wait;
        while Instant::now() < end && !self.stop.load(Ordering::Acquire) {
            std::thread::sleep(STEP);
        }
    }

    /// Ends the connection in order.
    pub fn close(&mut self) {
        self.drain();
        if let Stream::Tls(stream) = &mut self.stream {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        let _ = self.tcp().shutdown(std::net::Shutdown::Write);
        self.open = false;
    }

    /// Ends the connection as a crash does: reset with TCP, cut without a word with TLS.
    pub fn reset(&mut self) {
        self.open = false;
    }

    fn tcp(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => &stream.sock,
        }
    }

    fn drain(&mut self) {
        if let Stream::Plain(stream) = &mut self.stream {
            let mut rest = vec![0; self.unread];
            let _ = stream.read_exact(&mut rest);
        }
        self.unread = 0;
    }

    /// Reads the next request; `None` when there is none any more.
    fn request(&mut self, number: &AtomicUsize) -> Option<Seen> {
        let end = Instant::now() + PATIENCE;
        let mut raw = Vec::new();
        let whole = loop {
            if let Some(length) = length(&raw)
                && raw.len() >= length
            {
                break length;
            }
            if Instant::now() > end || self.stop.load(Ordering::Acquire) || raw.len() >= LONGEST {
                return None;
            }
            match &mut self.stream {
                Stream::Plain(stream) => {
                    let mut seen = vec![0; LONGEST];
                    let count = stream.peek(&mut seen).ok()?;
                    if count == 0 {
                        return None;
                    }
                    if count == raw.len() {
                        std::thread::sleep(STEP);
                    }
                    seen.truncate(count);
                    raw = seen;
                }
                Stream::Tls(stream) => {
                    let mut more = [0; 4_096];
                    let count = stream.read(&mut more).ok()?;
                    if count == 0 {
                        return None;
                    }
                    raw.extend_from_slice(&more[..count]);
                }
            }
        };
        raw.truncate(whole);
        if let Stream::Plain(stream) = &mut self.stream {
            stream.read_exact(&mut vec![0; whole - 1]).ok()?;
            self.unread = 1;
        }
        Some(parsed(number.fetch_add(1, Ordering::AcqRel), raw))
    }
}

/// How long the request is that begins here; `None` while its head is not whole.
fn length(raw: &[u8]) -> Option<usize> {
    let head = raw.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&raw[..head]).to_ascii_lowercase();
    let body =
        text.lines().find_map(|line| line.strip_prefix("content-length:")).map_or(0, |v| v.trim().parse().unwrap());
    Some(head + body)
}

fn parsed(number: usize, raw: Vec<u8>) -> Seen {
    let head = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let text = String::from_utf8_lossy(&raw[..head]).into_owned();
    let mut lines = text.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default().to_owned(), first.next().unwrap_or_default().to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Seen { number, method, target, headers, body: raw[head..].to_vec(), raw }
}

/// A server on the loopback; it ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that answers each request by a function.
    pub fn start(behave: impl Fn(&Seen, &mut Connection) + Send + Sync + 'static) -> Self {
        Self::serve("http", None, behave)
    }

    /// Does the same over TLS.
    pub fn start_tls(
        config: Arc<ServerConfig>,
        behave: impl Fn(&Seen, &mut Connection) + Send + Sync + 'static,
    ) -> Self {
        Self::serve("https", Some(config), behave)
    }

    /// Starts a server that answers each connection by a function, whatever comes over it.
    pub fn start_raw(scheme: &'static str, behave: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Self::accept(scheme, move |stream, _, _| behave(stream))
    }

    fn serve(
        scheme: &'static str,
        config: Option<Arc<ServerConfig>>,
        behave: impl Fn(&Seen, &mut Connection) + Send + Sync + 'static,
    ) -> Self {
        let number = AtomicUsize::new(0);
        Self::accept(scheme, move |stream, seen, stop| {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let stream = match &config {
                None => Stream::Plain(stream),
                Some(config) => {
                    let Ok(connection) = ServerConnection::new(Arc::clone(config)) else { return };
                    Stream::Tls(Box::new(StreamOwned::new(connection, stream)))
                }
            };
            let mut connection = Connection { stream, stop: Arc::clone(stop), open: true, unread: 0 };
            while connection.open {
                let Some(request) = connection.request(&number) else { return };
                seen.lock().unwrap().push(request.clone());
                behave(&request, &mut connection);
                if connection.open {
                    connection.drain();
                }
            }
        })
    }

    fn accept(
        scheme: &'static str,
        behave: impl Fn(TcpStream, &Mutex<Vec<Seen>>, &Arc<AtomicBool>) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let stop = Arc::new(AtomicBool::new(false));
        let (log, count, ending) = (Arc::clone(&seen), Arc::clone(&connections), Arc::clone(&stop));
        let behave = Arc::new(behave);
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ending.load(Ordering::Acquire) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                count.fetch_add(1, Ordering::AcqRel);
                let (behave, log, ending) = (Arc::clone(&behave), Arc::clone(&log), Arc::clone(&ending));
                std::thread::spawn(move || behave(stream, &log, &ending));
            }
        });
        Self { address, scheme, seen, connections, stop, accepting: Some(accepting) }
    }

    /// An address of this server.
    pub fn url(&self, path: &str) -> String {
        self.url_at("127.0.0.1", path)
    }

    /// An address of this server under another name of this machine.
    pub fn url_at(&self, host: &str, path: &str) -> String {
        format!("{}://{host}:{}{path}", self.scheme, self.port())
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The requests that came so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // The listener waits for somebody; it is us.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}
