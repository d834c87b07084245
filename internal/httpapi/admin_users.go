package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

// defaultUserPage is that of the other lists of administrators.
const defaultUserPage = 50

type usersResponse struct {
	Users      []adminUserResponse `json:"users"`
	Pagination paginationResponse  `json:"pagination"`
}

// adminUserResponse is an account as administrators see it.
type adminUserResponse struct {
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

func newAdminUser(u account.User) adminUserResponse {
	return adminUserResponse{
		ID: u.ID, Email: u.Email, EmailVerified: u.EmailVerified, Name: u.Name, AvatarURL: u.AvatarURL,
		AuthProvider: u.Provider, Role: u.Role, CreatedAt: u.CreatedAt.UTC(), UpdatedAt: u.UpdatedAt.UTC(),
	}
}

// listUsers takes the address of one account as a parameter: paths stand in logs, parameters do not.
func (a *API) listUsers(w http.ResponseWriter, r *http.Request) error {
	q := parseQuery(r)
	page := q.page(defaultUserPage)
	wanted := account.UserFilter{
		Role: account.Role(q.word("role")), Email: q.word("email"), Provider: account.Provider(q.word("auth_provider")),
	}
	wanted.Search, _ = q.text("search")
	if err := q.err(); err != nil {
		return err
	}
	users, total, err := a.accounts.Users(r.Context(), wanted, page)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, usersResponse{list(users, newAdminUser), newPagination(page, total)})
}

// shownUserResponse is one account with what a list leaves out.
type shownUserResponse struct {
	adminUserResponse
	Identities []identityResponse `json:"identities"`
}

type identityResponse struct {
	AuthProvider   account.Provider `json:"auth_provider"`
	AuthProviderID string           `json:"auth_provider_id"`
	LinkedAt       time.Time        `json:"linked_at"`
}

func newIdentity(l account.LinkedIdentity) identityResponse {
	return identityResponse{l.Provider, l.Subject, l.LinkedAt.UTC()}
}

func (a *API) showUser(w http.ResponseWriter, r *http.Request) error {
	id, err := userID(r)
	if err != nil {
		return err
	}
	u, err := a.accounts.User(r.Context(), id)
	if err != nil {
		return err
	}
	linked, err := a.accounts.Identities(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, shownUserResponse{newAdminUser(u), list(linked, newIdentity)})
}

func userID(r *http.Request) (uuid.UUID, error) { return pathID(r, "user_id", "user") }

// answerUser sends one account, unless what was asked of the accounts has failed.
func answerUser(w http.ResponseWriter, status int, u account.User, err error) error {
	if err != nil {
		return err
	}
	return writeJSON(w, status, newAdminUser(u))
}

type createUserRequest struct {
	registerRequest
	Role field[string] `json:"role"`
}

func (in createUserRequest) newUser(c *fault.Check) account.NewUser {
	return account.NewUser{
		Registration: in.registration(c),
		Role:         account.Role(orElse(optional(c, "role", in.Role), "")), // the accounts know what a missing role means
	}
}

func (a *API) createUser(w http.ResponseWriter, r *http.Request) error {
	wanted, err := decode(w, r, createUserRequest.newUser)
	if err != nil {
		return err
	}
	u, err := a.accounts.CreateUser(r.Context(), wanted)
	return answerUser(w, http.StatusCreated, u, err)
}

type roleRequest struct {
	Role field[string] `json:"role"`
}

func (in roleRequest) role(c *fault.Check) account.Role {
	return account.Role(required(c, "role", in.Role))
}

func (a *API) setRole(w http.ResponseWriter, r *http.Request) error {
	id, err := userID(r)
	if err != nil {
		return err
	}
	role, err := decode(w, r, roleRequest.role)
	if err != nil {
		return err
	}
	u, err := a.accounts.SetRole(r.Context(), id, role)
	return answerUser(w, http.StatusOK, u, err)
}

type passwordRequest struct {
	Password field[string] `json:"password"`
}

func (in passwordRequest) password(c *fault.Check) string {
	return required(c, "password", in.Password)
}

func (a *API) setPassword(w http.ResponseWriter, r *http.Request) error {
	id, err := userID(r)
	if err != nil {
		return err
	}
	password, err := decode(w, r, passwordRequest.password)
	if err != nil {
		return err
	}
	return done(w, a.accounts.SetPassword(r.Context(), id, password))
}

type revokedResponse struct {
	Revoked int `json:"revoked"` // refresh tokens that were ended
}

func (a *API) revokeUser(w http.ResponseWriter, r *http.Request) error {
	id, err := userID(r)
	if err != nil {
		return err
	}
	revoked, err := a.accounts.Revoke(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, revokedResponse{revoked})
}

func (a *API) deleteUser(w http.ResponseWriter, r *http.Request) error {
	id, err := userID(r)
	if err != nil {
		return err
	}
	return done(w, a.accounts.DeleteUser(r.Context(), id))
}
