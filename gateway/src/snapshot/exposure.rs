//! To whom the gateway shows itself: listeners for everybody, and browsers.

use std::net::{IpAddr, SocketAddr};

use thriftgate_config::{ClientCertificates, ListenAddress, Listener, Settings};

use super::warning_at;
use crate::router::Route;

/// The header of tokens, and of keys beside their own.
const AUTHORIZATION: &str = "authorization";

/// Warns of each listener that other machines reach while nobody is asked who they are.
pub(super) fn warn_of_listeners(settings: &Settings, warnings: &mut Vec<String>) {
    for listener in &settings.listen {
        if let ListenAddress::Tcp(address) = listener.address {
            warnings.extend(warning_of(settings, listener, address));
        }
    }
}

/// What to say where other machines reach a listener by this address, and nobody is asked who they are.
pub(crate) fn warning_of(settings: &Settings, listener: &Listener, address: SocketAddr) -> Option<String> {
    let authentication = &settings.authentication;
    let asks = authentication.is_configured()
        || authentication.anonymous.is_some()
        || listener.tls.as_ref().is_some_and(|tls| matches!(tls.clients, ClientCertificates::Required(_)));
    if asks || is_loopback(address.ip()) {
        return None;
    }
    let message = format!(
        "{address} can be reached from other machines, and nobody is asked who they are: set `authentication`"
    );
    Some(warning_at(listener.origin.as_ref(), message))
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Lets browsers ask on behalf of all groups: before a caller is known its route allows what any group allows that has it, and
/// the headers in which credentials come.
pub(super) fn allow_origins_of_groups(settings: &Settings, routes: &mut [Route]) {
    let authentication = &settings.authentication;
    let key = authentication.keys.as_ref().map(|keys| &*keys.header);
    let has_bearers = key.is_some() || !authentication.jwt.is_empty();
    let credentials: Vec<&str> = key.into_iter().chain(has_bearers.then_some(AUTHORIZATION)).collect();
    for route in routes {
        let path = &route.settings.path;
        let groups = settings.groups.iter().filter(|group| {
            group.routes.is_empty() || group.routes.iter().any(|allowed| allowed.path == *path)
        });
        route.cors.extend(groups.filter_map(|group| group.cors.clone()));
        for cors in &mut route.cors {
            for &name in &credentials {
                if !cors.headers.iter().any(|known| known == name) {
                    cors.headers.push(name.to_owned());
                }
            }
        }
    }
}
