"""PersonService on TSimpleServer, which serves one connection until it closes."""

from people.person import PersonService
from people.person.ttypes import Address, Person, PersonNotFound
from thrift.server import TServer

import serving


class Handler:
    def __init__(self):
        home = Address(street="Seestrasse 1", city="Zürich", country="CH")
        ada = Person(id=1, name="Ada", age=36, address=home, aliases={"Countess"})
        self.people = {1: ada}

    def getPersonById(self, id):
        if id not in self.people:
            raise PersonNotFound(id=id)
        return self.people[id]

    def savePerson(self, person):
        new = person.id not in self.people
        self.people[person.id] = person
        return new


serving.serve(
    PersonService.Processor(Handler()), "binary", "buffered", server=TServer.TSimpleServer
)
