package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

type profileResponse struct {
	ID            uuid.UUID        `json:"id"`
	Email         string           `json:"email"`
	Name          string           `json:"name"`
	AvatarURL     *string          `json:"avatar_url"`
	EmailVerified bool             `json:"email_verified"`
	AuthProvider  account.Provider `json:"auth_provider"`
	CreatedAt     time.Time        `json:"created_at"`
}

func (a *API) showProfile(w http.ResponseWriter, r *http.Request) error {
	u, err := a.accounts.Profile(r.Context(), caller(r.Context()))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, profileResponse{
		ID: u.ID, Email: u.Email, Name: u.Name, AvatarURL: u.AvatarURL, EmailVerified: u.EmailVerified,
		AuthProvider: u.Provider, CreatedAt: u.CreatedAt.UTC(),
	})
}

type updateProfileRequest struct {
	Name      field[string] `json:"name"`
	AvatarURL field[string] `json:"avatar_url"`
}

func (in updateProfileRequest) change(c *fault.Check) account.ProfileChange {
	return account.ProfileChange{
		Name:      optional(c, "name", in.Name),
		AvatarURL: clearable(c, "avatar_url", in.AvatarURL),
	}
}

type updatedProfileResponse struct {
	ID        uuid.UUID `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	AvatarURL *string   `json:"avatar_url"`
	UpdatedAt time.Time `json:"updated_at"`
}

func (a *API) updateProfile(w http.ResponseWriter, r *http.Request) error {
	change, err := decode(w, r, updateProfileRequest.change)
	if err != nil {
		return err
	}
	u, err := a.accounts.UpdateProfile(r.Context(), caller(r.Context()), change)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, updatedProfileResponse{
		ID: u.ID, Email: u.Email, Name: u.Name, AvatarURL: u.AvatarURL, UpdatedAt: u.UpdatedAt.UTC(),
	})
}

func (a *API) deleteProfile(w http.ResponseWriter, r *http.Request) error {
	return done(w, a.accounts.DeleteSelf(r.Context(), caller(r.Context())))
}
