//! The files of the documents page, as the program carries them.

use std::fs;
use std::path::{Path, PathBuf};

use thriftgate_tests::Gateway;

use super::get;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the page") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

#[test]
fn each_file_is_served_as_what_it_is() {
    let gateway = Gateway::start(
        "idl: everything.thrift\nbackends: {main: \"127.0.0.1:1\"}\ndocuments: {path: /help/api}\n",
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/page/dist");
    let page = get(&gateway, "/help/api/", &[]);
    for file in files(&folder) {
        let name = file.strip_prefix(&folder).expect("a file of the folder").display().to_string();
        let reply = get(&gateway, &format!("/help/api/{name}"), &[]);
        assert_eq!(reply.status, 200, "{name}");
        assert_eq!(reply.body, fs::read(&file).expect("a file"), "{name}");
        let content_type = match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "txt" => "text/plain; charset=utf-8",
            other => panic!("the tests do not know what .{other} is"),
        };
        assert_eq!(reply.header("content-type"), Some(content_type), "{name}");
        let immutable =
            reply.header("cache-control").is_some_and(|directives| directives.contains("immutable"));
        assert_eq!(immutable, name.starts_with("assets/"), "{name}");
        // What is kept for ever is found by a name that the page has.
        if immutable && name.ends_with(".js") {
            assert!(page.text().contains(&name) || page.text().contains("assets/"), "{name}");
        }
    }
    assert_eq!(page.body, get(&gateway, "/help/api/index.html", &[]).body);
}

/// The page is from here alone, loads nothing from elsewhere, and runs nothing that is not a file of its own.
#[test]
fn the_page_is_closed() {
    let gateway =
        Gateway::start("idl: everything.thrift\nbackends: {main: \"127.0.0.1:1\"}\ndocuments: true\n");
    let page = get(&gateway, "/docs/", &[]);
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-security-policy"),
        Some(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    );
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    let html = page.text();
    for attribute in ["src=\"", "href=\""] {
        for (_, rest) in html.match_indices(attribute).map(|(at, _)| html.split_at(at + attribute.len())) {
            let address = rest.split('"').next().unwrap_or_default();
            let is_relative = !address.starts_with('/') && !address.contains("://");
            assert!(is_relative || address.starts_with("data:"), "{address}");
            if is_relative {
                let path = format!("/docs/{}", address.trim_start_matches("./"));
                assert_eq!(get(&gateway, &path, &[]).status, 200, "{path}");
            }
        }
    }
}
