//! What the gateway tells of itself: metrics and logs, and that telling costs no call anything.

mod access_log;
mod dashboard;
mod labels;
mod log_level;
mod reference;
mod samples;
mod secrets;
mod sinks;

use thriftgate_protocols::wire::WireType;
use thriftgate_tests::Folder;
use thriftgate_tests::backend::{Backend, Step, write_string};

/// A shop, of whose arguments some are nobody's business.
const IDL: &str = "
enum Color { RED, GREEN }
exception Refused { 1: string why }
exception Gone { 1: string why }
struct Card { 1: string holder, 2: string number (sensitive), 3: i32 pin (sensitive) }
struct Safe { 1: string inside } (sensitive)
service Shop {
  string get(1: string value),
  string refuse(1: string value) throws (1: Refused refused, 2: Gone gone),
  string fail(1: string value),
  string pay(1: string value, 2: Card card, 3: string password (sensitive), 4: map<string, Card> cards, 5: Safe safe,
             6: Color color (sensitive)),
  oneway void touch(1: string value)
}
";

/// A backend that answers as the names of its methods say.
fn backend() -> Backend {
    Backend::start(|call| match &*call.name {
        "touch" => vec![],
        "fail" => vec![Step::Send(call.exception(6, "it failed"))],
        "refuse" => vec![Step::Send(call.reply(|writer| {
            writer.field_begin(WireType::Struct, 1);
            writer.struct_begin();
            write_string(writer, 1, "no");
            writer.struct_end();
            writer.field_end();
        }))],
        _ => vec![Step::Send(call.echo())],
    })
}

/// A folder with the IDL and a configuration, before such a backend.
struct Site {
    folder: Folder,
    backend: Backend,
}

impl Site {
    /// With this after the backend `main` in its configuration.
    fn new(rest: &str) -> Self {
        let site = Self { folder: Folder::new(), backend: backend() };
        site.folder.write("shop.thrift", IDL);
        site.configure(rest);
        site
    }

    fn configure(&self, rest: &str) -> String {
        let address = self.backend.address();
        let yaml = format!(
            "idl: shop.thrift\nbackends: {{main: \"{address}\"}}\nreload: {{watch: false}}\n\
             drain: {{delay: 0s}}\n{rest}"
        );
        self.folder.write("gateway.yaml", &yaml).display().to_string()
    }

    fn path(&self) -> String {
        self.folder.path().join("gateway.yaml").display().to_string()
    }
}
