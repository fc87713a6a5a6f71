package evidence

// Under is a store of its own in a folder of this one's bucket: a chain of records beside the tickets' own, such as that
// of one time-bound grant.
func (s *Store) Under(folder string) *Store { return &Store{bucket: s.bucket, folder: folder + "/"} }

// Key is where this store keeps the record of one run of a ticket.
func (s *Store) Key(ticket int64, run int) string { return s.folder + Key(ticket, run) }
