package seeding

// InPiecesOf makes the service write that many rows in a transaction.
func (s *Service) InPiecesOf(rows int) {
	for kind := range s.rowsAtOnce {
		s.rowsAtOnce[kind] = rows
	}
}
