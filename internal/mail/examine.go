package mail

import "context"

// Greet connects to the mail server, agrees on TLS and signs in, as before a letter, and sends none. The error is a *Failure.
func (s *Sender) Greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.time)
	defer cancel()
	conn := watched{ctx: ctx}
	defer conn.done()
	client, err := s.client(&conn)
	if err != nil {
		return &Failure{Final: true, Cause: "the settings of the mail server are wrong"}
	}
	if err := client.DialWithContext(ctx); err != nil {
		return failure(ctx, err)
	}
	_ = client.Close() // that it did not take a farewell says nothing of letters
	return nil
}
