package account

import (
	"time"

	"github.com/google/uuid"
)

// Role says what a user may do.
type Role string

// The roles (decisions.md, "Accounts").
const (
	Learner Role = "learner"
	Admin   Role = "admin"
)

// Roles are the roles that the product knows.
var Roles = []Role{Learner, Admin}

// Provider is how an account was created.
type Provider string

// AllProviders are the ways that the product knows.
var AllProviders = []Provider{Email, Google, Apple, Facebook}

// The providers (spec, "User").
const (
	Email    Provider = "email"
	Google   Provider = "google"
	Apple    Provider = "apple"
	Facebook Provider = "facebook"
)

// User is an account.
type User struct {
	ID uuid.UUID
	// Email is in lower case: addresses are compared ignoring case.
	Email string
	// EmailVerified reports whether the owner has shown that the address is theirs.
	EmailVerified bool
	Name          string
	// AvatarURL is an http(s) URL, or nil.
	AvatarURL *string
	Provider  Provider
	// ProviderID is the provider's id for the user, or nil.
	ProviderID *string
	// PasswordHash is in PHC form; empty where the user signs in through a provider only.
	PasswordHash string
	Role         Role
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Registration is what somebody enters to get an account.
type Registration struct {
	Email    string
	Password string
	Name     string
}

// NewUser is what an operator enters to create an account of any role.
type NewUser struct {
	Registration
	Role Role
}

// ProfileChange changes some fields of a profile; nil fields are kept.
type ProfileChange struct {
	Name *string
	// AvatarURL is removed by an empty string.
	AvatarURL *string
}

// UserFilter chooses users for a list; zero fields do not filter.
type UserFilter struct {
	Role Role
	// Email is the whole e-mail address, ignoring case.
	Email string
	// Provider is how the account was created.
	Provider Provider
	// Search is a part of the e-mail address or the name, ignoring the case of ASCII letters.
	Search string
}

// SignedIn is a user with fresh tokens.
type SignedIn struct {
	User         User
	AccessToken  string
	RefreshToken string
}

// Principal is who a request comes from.
type Principal struct {
	UserID uuid.UUID
	Role   Role
}
