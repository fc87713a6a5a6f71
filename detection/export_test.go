package detection

// EncodeWithoutNumber encodes a state as if it were the first: how many steps led to it does not show.
func EncodeWithoutNumber(s *State) []byte {
	number := s.number
	s.number = 0
	defer func() { s.number = number }()
	return s.Encode()
}
