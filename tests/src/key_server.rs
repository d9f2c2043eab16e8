//! An issuer of tokens, as far as its keys are concerned: a JSON Web Key Set over plain HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server whose answer can be changed. Dropped, it is stopped.
#[derive(Debug)]
pub struct KeyServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The status and the body of the answers.
    answer: Mutex<(u16, String)>,
    asked: AtomicUsize,
    stopped: AtomicBool,
}

impl KeyServer {
    /// Answers with this body.
    ///
    /// # Panics
    /// Where the system gives no port.
    #[must_use]
    pub fn start(body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self { address: listener.local_addr().expect("its address"), shared: Arc::default() };
        server.answer(200, body);
        let shared = server.shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                shared.serve(stream);
            }
        });
        server
    }

    /// Where its keys are.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/keys", self.address)
    }

    /// Answers so from now on.
    ///
    /// # Panics
    /// Where a thread of the server panicked.
    pub fn answer(&self, status: u16, body: &str) {
        *self.shared.answer.lock().expect("nobody panicked") = (status, body.to_owned());
    }

    /// How often it was asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read_exact(&mut byte).is_err() {
                return;
            }
            head.push(byte[0]);
        }
        let (status, body) = self.answer.lock().expect("nobody panicked").clone();
        self.asked.fetch_add(1, Ordering::SeqCst);
        let head = format!("HTTP/1.1 {status} Answer\r\nLocation: /keys\r\nConnection: close\r\n");
        let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let _gone = stream.write_all(answer.as_bytes());
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.address);
    }
}
