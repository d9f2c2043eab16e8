//! Keys that are fetched from their issuer, again and again, on a runtime that runs no calls.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use reqwest::{Client, Url, redirect};
use thriftgate_config as config;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::key_set::{KeySet, KeySetError};
use crate::backend::jittered;
use crate::tls;

/// How long an issuer may take to send its keys.
const FETCH: Duration = Duration::from_secs(5);
/// How large they may be, in bytes.
const LARGEST: usize = 1024 * 1024;
/// How long a call may wait for keys that its token needs.
const WAIT: Duration = Duration::from_secs(2);

/// The keys of an issuer, as they were when they were fetched last.
pub(super) struct FetchedKeys {
    origin: Origin,
    client: Client,
    keys: ArcSwap<KeySet>,
    /// What they were read from, so that the same keys are not taken for new ones.
    text: Mutex<Vec<u8>>,
    demand: Mutex<Demand>,
    /// Rung when keys are to be fetched before their time.
    wanted: Arc<Notify>,
    /// Counts the fetches that have ended.
    ended: watch::Sender<u64>,
    /// Fetches, until this is dropped.
    task: OnceLock<JoinSet<()>>,
}

/// Where keys are fetched from, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Origin {
    issuer: String,
    url: String,
    refresh: Duration,
    cool_down: Duration,
}

/// Fetches that calls ask for.
struct Demand {
    under_way: bool,
    /// When a call last caused one.
    caused: Option<Instant>,
}

/// Why there are no new keys.
#[derive(Debug)]
enum FetchError {
    Http(reqwest::Error),
    Status(u16),
    TooLarge,
    Keys(KeySetError),
}

impl FetchedKeys {
    /// The keys at an address, none of which is fetched yet.
    ///
    /// # Errors
    /// Where none can be fetched from it, as text.
    pub(super) fn new(issuer: &config::TokenIssuer, url: &str) -> Result<Self, String> {
        let parsed: Url = url.parse().map_err(|error| format!("`{url}` is no URL: {error}"))?;
        let config = match parsed.scheme() {
            "https" => tls::client(&config::BackendTls { ca: None, identity: None, server_name: None })
                .map_err(|error| error.to_string())?,
            _ => tls::no_client(),
        };
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(FETCH)
            .pool_max_idle_per_host(0)
            .tls_backend_preconfigured(config)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            origin: Origin::of(issuer, url),
            client,
            keys: ArcSwap::from_pointee(KeySet::empty()),
            text: Mutex::default(),
            // The first one begins by itself; who calls meanwhile waits for it.
            demand: Mutex::new(Demand { under_way: true, caused: None }),
            wanted: Arc::default(),
            ended: watch::Sender::new(0),
            task: OnceLock::new(),
        })
    }

    /// Whether these are the keys of that issuer, from the same place and as often.
    pub(super) fn are_of(&self, issuer: &config::TokenIssuer, url: &str) -> bool {
        self.origin == Origin::of(issuer, url)
    }

    /// The keys as they are known now.
    pub(super) fn keys(&self) -> &ArcSwap<KeySet> {
        &self.keys
    }

    /// Fetches from now on, unless that was begun before.
    pub(super) fn begin(self: &Arc<Self>, runtime: &Handle) {
        self.task.get_or_init(|| {
            let mut tasks = JoinSet::new();
            tasks.spawn_on(keep_fetching(Arc::downgrade(self), self.wanted.clone()), runtime);
            tasks
        });
    }

    /// Waits a short time for keys that are fetched because one is missing. `false` where none came, or none were asked
    /// for, since the issuer was asked not long ago.
    pub(super) async fn renew(&self) -> bool {
        let Some(mut ended) = self.ask() else { return false };
        matches!(timeout(WAIT, ended.changed()).await, Ok(Ok(())))
    }

    /// Asks for a fetch, or for the end of the one under way.
    fn ask(&self) -> Option<watch::Receiver<u64>> {
        let mut demand = lock(&self.demand);
        let ended = self.ended.subscribe();
        if demand.under_way {
            return Some(ended);
        }
        if demand.caused.is_some_and(|caused| caused.elapsed() < self.origin.cool_down) {
            return None;
        }
        *demand = Demand { under_way: true, caused: Some(Instant::now()) };
        self.wanted.notify_one();
        Some(ended)
    }

    /// Fetches once, and returns how long to wait before the next time.
    async fn fetch_and_keep(&self) -> Duration {
        lock(&self.demand).under_way = true;
        let issuer = &self.origin.issuer;
        let pause = match self.fetch().await {
            Ok(text) => match self.take(text) {
                Ok(()) => self.origin.refresh,
                Err(error) => self.failed(issuer, &FetchError::Keys(error)),
            },
            Err(error) => self.failed(issuer, &error),
        };
        lock(&self.demand).under_way = false;
        self.ended.send_modify(|count| *count += 1);
        pause
    }

    fn failed(&self, issuer: &str, error: &FetchError) -> Duration {
        tracing::warn!(issuer, %error, "the keys of an issuer of tokens cannot be fetched");
        self.origin.refresh.min(self.origin.cool_down)
    }

    async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        let mut response = self.client.get(&self.origin.url).send().await.map_err(FetchError::Http)?;
        if response.status() != http::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(FetchError::Http)? {
            if text.len() + chunk.len() > LARGEST {
                return Err(FetchError::TooLarge);
            }
            text.extend_from_slice(&chunk);
        }
        Ok(text)
    }

    /// Keeps the keys of a text in place of those before. Where they are the same nothing changes, so that what was
    /// verified by them stays so.
    fn take(&self, text: Vec<u8>) -> Result<(), KeySetError> {
        let mut known = lock(&self.text);
        if *known != text {
            self.keys.store(Arc::new(KeySet::parse(&text)?));
            *known = text;
            tracing::info!(issuer = self.origin.issuer, "an issuer of tokens has new keys");
        }
        Ok(())
    }
}

/// Fetches keys, until nobody needs them any more.
async fn keep_fetching(keys: Weak<FetchedKeys>, wanted: Arc<Notify>) {
    loop {
        let Some(current) = keys.upgrade() else { return };
        let pause = current.fetch_and_keep().await;
        drop(current);
        tokio::select! {
            () = sleep(jittered(pause)) => {}
            () = wanted.notified() => {}
        }
    }
}

impl Origin {
    fn of(issuer: &config::TokenIssuer, url: &str) -> Self {
        let config::TokenIssuer { issuer, refresh, cool_down, .. } = issuer;
        Self { issuer: issuer.clone(), url: url.to_owned(), refresh: *refresh, cool_down: *cool_down }
    }
}

impl fmt::Debug for FetchedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchedKeys").field("issuer", &self.origin.issuer).finish_non_exhaustive()
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => {
                let mut cause: &dyn Error = error;
                while let Some(deeper) = cause.source() {
                    cause = deeper;
                }
                // Addresses may hold what is secret, and only reqwest's own errors repeat them.
                if error.source().is_some() {
                    write!(f, "{cause}")
                } else {
                    f.write_str("the exchange failed")
                }
            }
            Self::Status(status) => write!(f, "the answer has status {status}"),
            Self::TooLarge => write!(f, "the answer has more than {LARGEST} bytes"),
            Self::Keys(error) => error.fmt(f),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
