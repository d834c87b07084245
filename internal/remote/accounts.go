package remote

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/paging"
)

// Accounts has the methods of account.Service that operators use.
type Accounts struct{ client *client }

type userAnswer struct {
	ID            uuid.UUID        `json:"id"`
	Email         string           `json:"email"`
	EmailVerified bool             `json:"email_verified"`
	Name          string           `json:"name"`
	AvatarURL     *string          `json:"avatar_url"`
	AuthProvider  account.Provider `json:"auth_provider"`
	Role          account.Role     `json:"role"`
	CreatedAt     time.Time        `json:"created_at"`
	UpdatedAt     time.Time        `json:"updated_at"`
}

func (a userAnswer) user() account.User {
	return account.User{
		ID: a.ID, Email: a.Email, EmailVerified: a.EmailVerified, Name: a.Name, AvatarURL: a.AvatarURL,
		Provider: a.AuthProvider, Role: a.Role, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
	}
}

// ask sends a call that is answered with a user.
func (s *Accounts) ask(ctx context.Context, q call) (account.User, error) {
	var answer userAnswer
	err := s.client.do(ctx, q, &answer)
	return answer.user(), err
}

func userPath(id uuid.UUID) string { return "/admin/users/" + id.String() }

// Users is account.Service.Users.
func (s *Accounts) Users(ctx context.Context, f account.UserFilter, p paging.Page) ([]account.User, int, error) {
	var answer struct {
		Users      []userAnswer `json:"users"`
		Pagination pagination   `json:"pagination"`
	}
	q := parameters(p, "role", string(f.Role), "email", f.Email, "search", f.Search, "auth_provider", string(f.Provider))
	err := s.client.do(ctx, call{method: http.MethodGet, path: "/admin/users", query: q}, &answer)
	return each(answer.Users, userAnswer.user), answer.Pagination.Total, err
}

// FindUser is account.Service.FindUser.
func (s *Accounts) FindUser(ctx context.Context, idOrEmail string) (account.User, error) {
	id, email, err := account.ParseHandle(idOrEmail)
	if err != nil {
		return account.User{}, err
	}
	if email == "" {
		return s.ask(ctx, call{method: http.MethodGet, path: userPath(id)})
	}
	found, _, err := s.Users(ctx, account.UserFilter{Email: email}, paging.Page{Number: 1, Limit: 1})
	if err == nil && len(found) == 0 {
		err = account.NobodyHas(email)
	}
	if err != nil {
		return account.User{}, err
	}
	return found[0], nil
}

// Identities is account.Service.Identities.
func (s *Accounts) Identities(ctx context.Context, user uuid.UUID) ([]account.LinkedIdentity, error) {
	type identity struct {
		AuthProvider   account.Provider `json:"auth_provider"`
		AuthProviderID string           `json:"auth_provider_id"`
		LinkedAt       time.Time        `json:"linked_at"`
	}
	var answer struct {
		Identities []identity `json:"identities"`
	}
	err := s.client.do(ctx, call{method: http.MethodGet, path: userPath(user)}, &answer)
	return each(answer.Identities, func(i identity) account.LinkedIdentity {
		return account.LinkedIdentity{Provider: i.AuthProvider, Subject: i.AuthProviderID, UserID: user, LinkedAt: i.LinkedAt}
	}), err
}

// CreateUser is account.Service.CreateUser.
func (s *Accounts) CreateUser(ctx context.Context, n account.NewUser) (account.User, error) {
	if err := (texts{"email", n.Email, "password", n.Password, "name", n.Name, "role", string(n.Role)}).check(); err != nil {
		return account.User{}, err
	}
	wanted := struct {
		Email    string       `json:"email"`
		Password string       `json:"password"`
		Name     string       `json:"name"`
		Role     account.Role `json:"role"`
	}{n.Email, n.Password, n.Name, n.Role}
	return s.ask(ctx, call{method: http.MethodPost, path: "/admin/users", body: inJSON(wanted)})
}

// SetRole is account.Service.SetRole.
func (s *Accounts) SetRole(ctx context.Context, id uuid.UUID, role account.Role) (account.User, error) {
	if err := (texts{"role", string(role)}).check(); err != nil {
		return account.User{}, err
	}
	wanted := struct {
		Role account.Role `json:"role"`
	}{role}
	return s.ask(ctx, call{method: http.MethodPut, path: userPath(id) + "/role", body: inJSON(wanted)})
}

// SetPassword is account.Service.SetPassword.
func (s *Accounts) SetPassword(ctx context.Context, id uuid.UUID, password string) error {
	if err := (texts{"password", password}).check(); err != nil {
		return err
	}
	wanted := struct {
		Password string `json:"password"`
	}{password}
	return s.client.do(ctx, call{method: http.MethodPut, path: userPath(id) + "/password", body: inJSON(wanted)}, nil)
}

// Revoke is account.Service.Revoke.
func (s *Accounts) Revoke(ctx context.Context, id uuid.UUID) (int, error) {
	var answer struct {
		Revoked int `json:"revoked"`
	}
	err := s.client.do(ctx, call{method: http.MethodPost, path: userPath(id) + "/revoke"}, &answer)
	return answer.Revoked, err
}

// DeleteUser is account.Service.DeleteUser.
func (s *Accounts) DeleteUser(ctx context.Context, id uuid.UUID) error {
	return s.client.do(ctx, call{method: http.MethodDelete, path: userPath(id)}, nil)
}
