// The phonebook, on Apache's Go library.
package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"contact"
	"serving"
)

type phonebook struct {
	mutex    sync.Mutex
	contacts []*contact.Contact
	nextID   int
}

func (p *phonebook) find(id string) (int, error) {
	for position, entry := range p.contacts {
		if entry.ID == id {
			return position, nil
		}
	}
	return 0, fmt.Errorf("no contact %q", id)
}

func (p *phonebook) Create(ctx context.Context, name string, phone string, email string) (*contact.Contact, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.nextID++
	entry := &contact.Contact{
		ID:      strconv.Itoa(p.nextID),
		Name:    name,
		Phone:   phone,
		Created: time.Now().UTC().Format(time.RFC3339),
	}
	if email != "" {
		entry.Email = &email
	}
	p.contacts = append(p.contacts, entry)
	return entry, nil
}

func (p *phonebook) Read(ctx context.Context, id string) (*contact.Contact, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	position, err := p.find(id)
	if err != nil {
		return nil, err
	}
	return p.contacts[position], nil
}

func (p *phonebook) Update(ctx context.Context, entry *contact.Contact) (*contact.Contact, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	position, err := p.find(entry.ID)
	if err != nil {
		return nil, err
	}
	p.contacts[position] = entry
	return entry, nil
}

func (p *phonebook) Destroy(ctx context.Context, id string) (*contact.Contact, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	position, err := p.find(id)
	if err != nil {
		return nil, err
	}
	entry := p.contacts[position]
	p.contacts = append(p.contacts[:position], p.contacts[position+1:]...)
	return entry, nil
}

func (p *phonebook) Fetch(ctx context.Context) ([]*contact.Contact, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.contacts, nil
}

func (p *phonebook) Reset(ctx context.Context) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.contacts = nil
	return nil
}

func main() {
	serving.Serve(contact.NewContactSvcProcessor(&phonebook{}))
}
