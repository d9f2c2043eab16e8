//! A balancer of connections over gateways, which follows `/readyz`.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::client::Connection;
use crate::eventually;
use crate::proxy::{Passing, Proxy};

/// How often each member is asked whether it is ready.
const INTERVAL: Duration = Duration::from_millis(20);

/// A running balancer. Each new connection goes to the next member that said it is ready when it was asked last.
pub struct Balancer {
    proxy: Proxy,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    members: Mutex<Vec<Member>>,
    turn: AtomicUsize,
    ending: AtomicBool,
}

struct Member {
    listens: SocketAddr,
    admin: SocketAddr,
    ready: bool,
}

impl Balancer {
    /// A balancer without members.
    #[must_use]
    pub fn start() -> Self {
        let shared = Arc::<Shared>::default();
        let (asking, choosing) = (shared.clone(), shared.clone());
        thread::spawn(move || {
            while !asking.ending.load(Ordering::SeqCst) {
                asking.ask();
                thread::sleep(INTERVAL);
            }
        });
        let proxy = Proxy::choosing(move || choosing.choose(), |_| Passing::All);
        Self { proxy, shared }
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// Adds a gateway by its addresses, and waits until it is ready.
    #[track_caller]
    pub fn add(&self, listens: SocketAddr, admin: SocketAddr) {
        self.shared.members().push(Member { listens, admin, ready: false });
        eventually("the gateway is ready", || {
            self.shared.members().iter().any(|member| member.listens == listens && member.ready)
        });
    }

    /// Forgets a gateway that has gone.
    pub fn remove(&self, listens: SocketAddr) {
        self.shared.members().retain(|member| member.listens != listens);
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
    }
}

impl Shared {
    fn members(&self) -> MutexGuard<'_, Vec<Member>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn choose(&self) -> Option<SocketAddr> {
        let members = self.members();
        let ready: Vec<_> =
            members.iter().filter(|member| member.ready).map(|member| member.listens).collect();
        let turn = self.turn.fetch_add(1, Ordering::SeqCst);
        (!ready.is_empty()).then(|| ready[turn % ready.len()])
    }

    fn ask(&self) {
        let admins: Vec<_> = self.members().iter().map(|member| member.admin).collect();
        for admin in admins {
            let ready = is_ready(admin);
            self.members()
                .iter_mut()
                .filter(|member| member.admin == admin)
                .for_each(|member| member.ready = ready);
        }
    }
}

fn is_ready(admin: SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect(admin) else { return false };
    let mut connection = Connection::over(stream);
    connection.send(b"GET /readyz HTTP/1.1\r\nHost: gateway\r\n\r\n");
    connection.try_reply().is_some_and(|reply| reply.status == 200)
}
