package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/account"
)

func newUsers(e *env) *cobra.Command {
	return group("users", "Manage accounts",
		newUsersCreate(e), newUsersList(e), newUsersShow(e), newUsersSetRole(e),
		newUsersSetPassword(e), newUsersRevoke(e), newUsersDelete(e), newUsersHashPassword(e),
	)
}

// userItem is a user as -o json prints it; the names are those of the API.
type userItem struct {
	ID            string    `json:"id"`
	Email         string    `json:"email"`
	EmailVerified bool      `json:"email_verified"`
	Name          string    `json:"name"`
	AvatarURL     *string   `json:"avatar_url"`
	AuthProvider  string    `json:"auth_provider"`
	Role          string    `json:"role"`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
}

func newUserItem(u account.User) userItem {
	return userItem{
		ID: u.ID.String(), Email: u.Email, EmailVerified: u.EmailVerified, Name: u.Name, AvatarURL: u.AvatarURL,
		AuthProvider: string(u.Provider), Role: string(u.Role), CreatedAt: u.CreatedAt.UTC(), UpdatedAt: u.UpdatedAt.UTC(),
	}
}

var userColumns = []string{"id", "email", "name", "role", "auth_provider", "created_at"}

// userListing prints users as rows. Every command takes the e-mail address for the id.
func userListing(users []account.User) listing {
	l := listing{
		columns: userColumns,
		inTable: []string{"email", "name", "role", "created_at"},
		rows:    [][]string{},
	}
	items := make([]userItem, 0, len(users))
	for _, u := range users {
		item := newUserItem(u)
		items = append(items, item)
		l.rows = append(l.rows, []string{item.ID, item.Email, item.Name, item.Role, item.AuthProvider, item.CreatedAt.Format(time.DateOnly)})
	}
	l.items = items
	return l
}
