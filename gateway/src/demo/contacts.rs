//! `ContactSvc`: a phonebook in memory.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use thriftgate_protocols::wire::{BinaryReader, BinaryWriter, Reader, WireError, WireType, Writer};

use super::server::{Refusal, Service, read_strings, write_string};

/// The phonebook.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    contacts: Vec<Contact>,
    last_id: u32,
}

#[derive(Clone, Debug, Default)]
struct Contact {
    id: String,
    name: String,
    phone: String,
    email: Option<String>,
    created: String,
}

/// The exception that the methods with an id declare.
#[derive(Debug)]
struct NotFound {
    message: String,
}

impl Service for Contacts {
    fn answer(
        &self,
        method: &str,
        arguments: &mut BinaryReader<'_>,
        result: &mut BinaryWriter<'_>,
    ) -> Result<(), Refusal> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let contact = match method {
            "create" => Ok(book.create(read_strings(arguments)?)),
            "read" => book.read(&read_id(arguments)?),
            "update" => book.update(read_contact_argument(arguments)?),
            "destroy" => book.destroy(&read_id(arguments)?),
            "fetch" => {
                arguments.skip(WireType::Struct)?;
                write_contacts(result, &book.contacts);
                return Ok(());
            }
            "reset" => {
                arguments.skip(WireType::Struct)?;
                *book = Book::default();
                return Ok(());
            }
            _ => return Err(Refusal::UnknownMethod),
        };
        match contact {
            Ok(contact) => {
                result.field_begin(WireType::Struct, 0);
                contact.write(result);
            }
            Err(not_found) => {
                result.field_begin(WireType::Struct, 1);
                not_found.write(result);
            }
        }
        result.field_end();
        Ok(())
    }
}

impl Book {
    fn create(&mut self, arguments: Vec<(i16, String)>) -> Contact {
        self.last_id += 1;
        let created = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let mut contact = Contact { id: self.last_id.to_string(), created, ..Contact::default() };
        for (id, value) in arguments {
            match id {
                1 => contact.name = value,
                2 => contact.phone = value,
                3 => contact.email = Some(value),
                _ => {}
            }
        }
        self.contacts.push(contact.clone());
        contact
    }

    fn read(&self, id: &str) -> Result<Contact, NotFound> {
        Ok(self.contacts[self.position(id)?].clone())
    }

    fn update(&mut self, contact: Contact) -> Result<Contact, NotFound> {
        let position = self.position(&contact.id)?;
        self.contacts[position] = contact.clone();
        Ok(contact)
    }

    fn destroy(&mut self, id: &str) -> Result<Contact, NotFound> {
        let position = self.position(id)?;
        Ok(self.contacts.remove(position))
    }

    fn position(&self, id: &str) -> Result<usize, NotFound> {
        let position = self.contacts.iter().position(|contact| contact.id == id);
        position.ok_or_else(|| NotFound { message: format!("There is no contact {id}") })
    }
}

impl NotFound {
    fn write(&self, writer: &mut BinaryWriter<'_>) {
        writer.struct_begin();
        write_string(writer, 1, &self.message);
        writer.struct_end();
    }
}

impl Contact {
    fn read(reader: &mut BinaryReader<'_>) -> Result<Self, WireError> {
        let mut contact = Self::default();
        for (id, value) in read_strings(reader)? {
            match id {
                1 => contact.id = value,
                2 => contact.name = value,
                3 => contact.phone = value,
                4 => contact.email = Some(value),
                5 => contact.created = value,
                _ => {}
            }
        }
        Ok(contact)
    }

    fn write(&self, writer: &mut BinaryWriter<'_>) {
        writer.struct_begin();
        write_string(writer, 1, &self.id);
        write_string(writer, 2, &self.name);
        write_string(writer, 3, &self.phone);
        if let Some(email) = &self.email {
            write_string(writer, 4, email);
        }
        write_string(writer, 5, &self.created);
        writer.struct_end();
    }
}

fn read_id(reader: &mut BinaryReader<'_>) -> Result<String, WireError> {
    Ok(read_strings(reader)?.into_iter().find(|(id, _)| *id == 1).map(|(_, value)| value).unwrap_or_default())
}

fn read_contact_argument(reader: &mut BinaryReader<'_>) -> Result<Contact, WireError> {
    let mut contact = Contact::default();
    reader.struct_begin()?;
    while let Some((ty, id)) = reader.field_begin()? {
        if (ty, id) == (WireType::Struct, 1) {
            contact = Contact::read(reader)?;
        } else {
            reader.skip(ty)?;
        }
        reader.field_end()?;
    }
    reader.struct_end()?;
    Ok(contact)
}

fn write_contacts(writer: &mut BinaryWriter<'_>, contacts: &[Contact]) {
    writer.field_begin(WireType::List, 0);
    let mark = writer.list_begin(WireType::List, WireType::Struct);
    contacts.iter().for_each(|contact| contact.write(writer));
    writer.list_end(mark, u32::try_from(contacts.len()).expect("a phonebook in memory is small"));
    writer.field_end();
}
