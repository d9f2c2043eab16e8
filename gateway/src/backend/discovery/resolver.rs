//! What name servers and the hosts file say of a name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Hosts, TokioResolver, system_conf};
use thriftgate_config as config;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

/// Questions under way at once to one server: those of a service with many hosts are asked together.
const QUESTIONS: usize = 1024;

/// Where a name leads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Target {
    pub(super) address: SocketAddr,
    /// That of an SRV record; 1 otherwise.
    pub(super) weight: u32,
}

/// An answer that has at least one target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Answer {
    pub(super) targets: Vec<Target>,
    /// How long it holds; `None` of the hosts file.
    pub(super) ttl: Option<Duration>,
    /// What could not be asked for, so that nothing is known of it.
    pub(super) missing: Missing,
}

/// Which part of an answer is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Missing {
    Nothing,
    Ipv4,
    Ipv6,
    /// Some of the hosts of a service.
    Hosts,
}

/// Why a name has no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ResolveError {
    /// There is no such name, or it has no address
    NotFound,
    /// No answer came in time
    Timeout,
    /// The name servers refused, failed or could not be reached
    Failed(String),
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such name, or it has no address"),
            Self::Timeout => f.write_str("no name server answered in time"),
            Self::Failed(error) => f.write_str(error),
        }
    }
}

impl From<NetError> for ResolveError {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Timeout => Self::Timeout,
            NetError::Dns(DnsError::NoRecordsFound(_)) => Self::NotFound,
            error => Self::Failed(error.to_string()),
        }
    }
}

/// Resolves names by the system's rules: the hosts file first, then name servers, with the search domains of
/// `resolv.conf`. It keeps no answer.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    inner: TokioResolver,
    hosts: std::sync::Arc<Hosts>,
    timeout: Duration,
}

impl Resolver {
    /// A resolver by the files of the system as they are now.
    pub(super) fn new(dns: &config::Dns) -> Result<Self, NetError> {
        let (system, mut options) = system_conf::read_system_conf().unwrap_or_else(|error| {
            if dns.servers.is_empty() {
                tracing::warn!(%error, "/etc/resolv.conf cannot be used: names are asked of 127.0.0.1");
            }
            let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 53));
            (ResolverConfig::from_parts(None, Vec::new(), vec![server(local)]), ResolverOpts::default())
        });
        let servers = match dns.servers.as_slice() {
            [] => system.name_servers().to_vec(),
            own => own.iter().copied().map(server).collect(),
        };
        let configuration =
            ResolverConfig::from_parts(system.domain().cloned(), system.search().to_vec(), servers);
        // A lost datagram leaves time for another.
        options.timeout = dns.timeout / 2;
        options.attempts = 1;
        options.cache_size = 0;
        options.max_active_requests = QUESTIONS;
        // Asked below, where one family in the file means that no server is asked for the other.
        options.use_hosts_file = ResolveHosts::Never;
        let builder = TokioResolver::builder_with_config(configuration, TokioRuntimeProvider::default());
        let inner = builder.with_options(options).build()?;
        let hosts = Hosts::from_system().unwrap_or_default().into();
        Ok(Self { inner, hosts, timeout: dns.timeout })
    }

    /// The targets of an address of the configuration. An IP address is its own; Unix sockets have none.
    pub(super) async fn resolve(&self, address: &config::BackendAddress) -> Result<Answer, ResolveError> {
        let deadline = Instant::now() + self.timeout;
        match address {
            config::BackendAddress::Tcp { host, port } => self.host(host, *port, 1, deadline).await,
            config::BackendAddress::Srv(name) => self.service(name, deadline).await,
            config::BackendAddress::Unix(_) => Err(ResolveError::NotFound),
        }
    }

    /// IPv4 and IPv6 addresses of a host, which all have this port and weight.
    async fn host(
        &self,
        host: &str,
        port: u16,
        weight: u32,
        deadline: Instant,
    ) -> Result<Answer, ResolveError> {
        let target = |ip| Target { address: SocketAddr::new(ip, port), weight };
        let known = self.in_hosts_file(host);
        if !known.is_empty() {
            let targets = known.into_iter().map(target).collect();
            return Ok(Answer { targets, ttl: None, missing: Missing::Nothing });
        }
        let (v4, v6) =
            tokio::join!(self.ask(host, RecordType::A, deadline), self.ask(host, RecordType::AAAA, deadline));
        let missing = match (&v4, &v6) {
            (Err(error), Ok(_)) if *error != ResolveError::NotFound => Missing::Ipv4,
            (Ok(_), Err(error)) if *error != ResolveError::NotFound => Missing::Ipv6,
            _ => Missing::Nothing,
        };
        let lookups = match (v4, v6) {
            // That nothing was found says less than that a question failed.
            (Err(ResolveError::NotFound), Err(error)) | (Err(error), Err(_)) => return Err(error),
            (v4, v6) => [v4.ok(), v6.ok()],
        };
        let lookups = lookups.iter().flatten();
        let ttl = lookups.clone().filter_map(ttl).min();
        let records = lookups.flat_map(Lookup::answers);
        let targets: Vec<Target> = records.filter_map(|record| record.data.ip_addr()).map(target).collect();
        match targets.is_empty() {
            true => Err(ResolveError::NotFound),
            false => Ok(Answer { targets, ttl, missing }),
        }
    }

    /// The hosts of a service that are to be used before all others, with the ports and weights of their
    /// records (RFC 2782).
    async fn service(&self, name: &str, deadline: Instant) -> Result<Answer, ResolveError> {
        let lookup = self.ask(name, RecordType::SRV, deadline).await?;
        let records: Vec<_> = lookup
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                // A lone dot says that there is no such service.
                RData::SRV(record) if !record.target.is_root() => Some(record),
                _ => None,
            })
            .collect();
        let first = records.iter().map(|record| record.priority).min().ok_or(ResolveError::NotFound)?;
        let mut hosts = JoinSet::new();
        for record in records.into_iter().filter(|record| record.priority == first) {
            let (resolver, host) = (self.clone(), record.target.to_ascii());
            // A weight of 0 is a very small one.
            let (port, weight) = (record.port, u32::from(record.weight.max(1)));
            hosts.spawn(async move { resolver.host(&host, port, weight, deadline).await });
        }
        let mut answer = Answer { targets: Vec::new(), ttl: ttl(&lookup), missing: Missing::Nothing };
        let mut last_error = ResolveError::NotFound;
        while let Some(host) = hosts.join_next().await {
            match host.map_err(|error| ResolveError::Failed(error.to_string())).flatten() {
                Ok(host) => {
                    answer.ttl = answer.ttl.into_iter().chain(host.ttl).min();
                    answer.targets.extend(host.targets);
                    if host.missing != Missing::Nothing {
                        answer.missing = Missing::Hosts;
                    }
                }
                Err(ResolveError::NotFound) => {}
                Err(error) => {
                    answer.missing = Missing::Hosts;
                    last_error = error;
                }
            }
        }
        if answer.targets.is_empty() { Err(last_error) } else { Ok(answer) }
    }

    fn in_hosts_file(&self, host: &str) -> Vec<IpAddr> {
        let Ok(name) = Name::from_utf8(host) else { return Vec::new() };
        let family = |family| self.hosts.lookup_static_host(&Query::query(name.clone(), family));
        let lookups = [RecordType::A, RecordType::AAAA].into_iter().filter_map(family);
        lookups
            .flat_map(|lookup| {
                lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>()
            })
            .collect()
    }

    async fn ask(&self, name: &str, of_type: RecordType, deadline: Instant) -> Result<Lookup, ResolveError> {
        match timeout_at(deadline.into(), self.inner.lookup(name, of_type)).await {
            Ok(Ok(lookup)) => Ok(lookup),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(ResolveError::Timeout),
        }
    }
}

/// A server that is asked over UDP, and over TCP where an answer does not fit.
fn server(address: SocketAddr) -> NameServerConfig {
    let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
    (udp.port, tcp.port) = (address.port(), address.port());
    NameServerConfig::new(address.ip(), true, vec![udp, tcp])
}

/// How long an answer holds.
fn ttl(lookup: &Lookup) -> Option<Duration> {
    let seconds = lookup.answers().iter().map(|record| record.ttl).min()?;
    Some(Duration::from_secs(seconds.into()))
}
