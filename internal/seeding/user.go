package seeding

import (
	"fmt"

	"github.com/englishapp/englishctl/internal/account"
)

// user returns number i of a seed's learners. The address is one that nobody can have: RFC 2606 reserves the domain. Without
// a password hash nobody can sign in as them.
func (s seed) user(i int, passwordHash string) account.User {
	names := shared["person"]
	return account.User{
		ID: s.id(Users, i), Email: s.email(i), Name: names[s.dice("name", i).below(len(names))],
		Provider: account.Email, PasswordHash: passwordHash, Role: account.Learner,
		CreatedAt: madeAt(i), UpdatedAt: madeAt(i),
	}
}

func (s seed) email(i int) string { return fmt.Sprintf("learner-%04d@seed-%d.invalid", i+1, s) }
