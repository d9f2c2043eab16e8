//! `AuthenticationService`: one user, one password.

use thriftgate_protocols::wire::{BinaryReader, BinaryWriter, WireType, Writer};

use super::server::{Refusal, Service, read_strings, write_string};

/// The user that the demo knows, and her password.
pub(super) const EMAIL: &str = "ada@example.com";
pub(super) const PASSWORD: &str = "lovelace";

/// The service.
#[derive(Debug)]
pub(super) struct Login;

impl Service for Login {
    fn answer(
        &self,
        method: &str,
        arguments: &mut BinaryReader<'_>,
        result: &mut BinaryWriter<'_>,
    ) -> Result<(), Refusal> {
        if method != "login" {
            return Err(Refusal::UnknownMethod);
        }
        let given = read_strings(arguments)?;
        let argument =
            |wanted: i16| given.iter().find(|(id, _)| *id == wanted).map(|(_, value)| value.as_str());
        if (argument(1), argument(2)) == (Some(EMAIL), Some(PASSWORD)) {
            result.field_begin(WireType::Struct, 0);
            write_login_result(result);
        } else {
            result.field_begin(WireType::Struct, 1);
            write_system_exception(result, 401, "The email or the password is wrong");
        }
        result.field_end();
        Ok(())
    }
}

fn write_login_result(writer: &mut BinaryWriter<'_>) {
    writer.struct_begin();
    writer.field_begin(WireType::Struct, 1);
    write_user(writer);
    writer.field_end();
    write_string(writer, 2, "5b1f0c6e-demo");
    writer.field_begin(WireType::I32, 3);
    writer.i32(3600);
    writer.field_end();
    writer.struct_end();
}

fn write_user(writer: &mut BinaryWriter<'_>) {
    writer.struct_begin();
    writer.field_begin(WireType::I64, 1);
    writer.i64(1815);
    writer.field_end();
    write_string(writer, 2, EMAIL);
    write_string(writer, 3, "Ada Lovelace");
    writer.field_begin(WireType::List, 4);
    let roles = ["analyst", "admin"];
    let mark = writer.list_begin(WireType::List, WireType::String);
    roles.iter().for_each(|role| writer.string(role));
    writer.list_end(mark, 2);
    writer.field_end();
    writer.struct_end();
}

fn write_system_exception(writer: &mut BinaryWriter<'_>, code: i32, message: &str) {
    writer.struct_begin();
    writer.field_begin(WireType::I32, 1);
    writer.i32(code);
    writer.field_end();
    write_string(writer, 2, message);
    writer.struct_end();
}
