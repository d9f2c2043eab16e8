"""PersonService on thriftpy2, which reads the IDL itself; the first argument is its path."""

import sys

import thriftpy2
from thriftpy2.server import TThreadedServer
from thriftpy2.thrift import TProcessor
from thriftpy2.transport import TServerSocket

import serving

person_thrift = thriftpy2.load(sys.argv[1], module_name="person_thrift")


class Handler:
    def __init__(self):
        home = person_thrift.Address(street="Seestrasse 1", city="Zürich", country="CH")
        ada = person_thrift.Person(id=1, name="Ada", age=36, address=home, aliases={"Countess"})
        self.people = {1: ada}

    def getPersonById(self, id):
        if id not in self.people:
            raise person_thrift.PersonNotFound(id=id)
        return self.people[id]

    def savePerson(self, person):
        new = person.id not in self.people
        self.people[person.id] = person
        return new


class AnnouncingSocket(TServerSocket):
    def listen(self):
        super().listen()
        serving.announce(self.sock.getsockname()[1])


serving.end_with_stdin()
TThreadedServer(
    TProcessor(person_thrift.PersonService, Handler()), AnnouncingSocket("127.0.0.1", 0)
).serve()
