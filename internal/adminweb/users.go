package adminweb

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/account"
)

// listUsers shows what the spec's model view names: id, email, name, provider, creation; searched by email and name,
// filtered by provider. The role is an addition. There is no way to create one: learners register, administrators are made
// on the command line or by the API.
func (p *Panel) listUsers(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	wanted := account.UserFilter{
		Provider: account.Provider(q.Get("auth_provider")), Role: account.Role(q.Get("role")), Search: q.Get("search"),
	}
	pageNumber := pageOf(r)
	users, total, err := p.accounts.Users(r.Context(), wanted, pageNumber)
	if err != nil {
		return err
	}
	view := list{
		Caption: "Users", Empty: "No account matches.",
		Filters: []filter{
			{Name: "search", Label: "E-mail or name", Value: wanted.Search, Type: "search", Hint: "a part of it"},
			{Name: "auth_provider", Label: "Signed up with", Options: choices("all", q.Get("auth_provider"), account.AllProviders)},
			{Name: "role", Label: "Role", Options: choices("all", q.Get("role"), account.Roles)},
		},
		Columns: titles("E-mail", "Name", "Signed up with", "Role", "Created", "Id"),
		Pager:   newPager(r, pageNumber, total, len(users)),
	}
	for _, u := range users {
		view.Rows = append(view.Rows, []cell{
			linked(u.Email, "/admin/users/"+u.ID.String()), text(u.Name), text(string(u.Provider)), text(string(u.Role)),
			at(u.CreatedAt), small(u.ID.String()),
		})
	}
	return p.render(w, r, http.StatusOK, page{Name: "list", Title: "Users", Section: "users", Data: view})
}

type userPage struct {
	User       account.User
	Identities []account.LinkedIdentity
	Roles      []option
	// Self is set where one looks at one's own account.
	Self         bool
	Name, Avatar string
	Problems     problems
}

func (p *Panel) userPage(w http.ResponseWriter, r *http.Request, status int, u account.User, change func(*userPage)) error {
	linked, err := p.accounts.Identities(r.Context(), u.ID)
	if err != nil {
		return err
	}
	view := userPage{
		User: u, Identities: linked, Roles: optionsOf(string(u.Role), account.Roles), Name: u.Name,
		Self: editorOf(r.Context()).UserID == u.ID,
	}
	if u.AvatarURL != nil {
		view.Avatar = *u.AvatarURL
	}
	if change != nil {
		change(&view)
	}
	return p.render(w, r, status, page{Name: "user", Title: "User", Section: "users", Data: view})
}

// user returns the account in the path.
func (p *Panel) user(r *http.Request) (account.User, error) {
	id, err := pathID(r, "user_id", "user")
	if err != nil {
		return account.User{}, err
	}
	return p.accounts.User(r.Context(), id)
}

func (p *Panel) showUser(w http.ResponseWriter, r *http.Request) error {
	u, err := p.user(r)
	if err != nil {
		return err
	}
	return p.userPage(w, r, http.StatusOK, u, nil)
}

// changeUser reads the account and the form and makes a change; what is wrong with it stands beside its field.
func (p *Panel) changeUser(w http.ResponseWriter, r *http.Request, word string, change func(account.User) error) error {
	u, err := p.user(r)
	if err != nil {
		return err
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	wrong, err := mendable(change(u))
	if err != nil {
		return err
	}
	if wrong != nil {
		return p.userPage(w, r, http.StatusBadRequest, u, func(v *userPage) {
			v.Problems = wrong
			if r.PostForm.Has("name") {
				v.Name, v.Avatar = r.PostFormValue("name"), r.PostFormValue("avatar_url")
			}
		})
	}
	return done(w, r, "/admin/users/"+u.ID.String(), word)
}

func (p *Panel) updateUser(w http.ResponseWriter, r *http.Request) error {
	return p.changeUser(w, r, "saved", func(u account.User) error {
		name, avatar := r.PostFormValue("name"), r.PostFormValue("avatar_url")
		_, err := p.accounts.UpdateUser(r.Context(), u.ID, account.ProfileChange{Name: &name, AvatarURL: &avatar})
		return err
	})
}

func (p *Panel) setRole(w http.ResponseWriter, r *http.Request) error {
	return p.changeUser(w, r, "saved", func(u account.User) error {
		_, err := p.accounts.SetRole(r.Context(), u.ID, account.Role(r.PostFormValue("role")))
		return err
	})
}

func (p *Panel) setPassword(w http.ResponseWriter, r *http.Request) error {
	return p.changeUser(w, r, "password", func(u account.User) error {
		return p.accounts.SetPassword(r.Context(), u.ID, r.PostFormValue("password"))
	})
}

func (p *Panel) revokeUser(w http.ResponseWriter, r *http.Request) error {
	return p.changeUser(w, r, "revoked", func(u account.User) error {
		_, err := p.accounts.Revoke(r.Context(), u.ID)
		return err
	})
}

func (p *Panel) askDeleteUser(w http.ResponseWriter, r *http.Request) error {
	u, err := p.user(r)
	if err != nil {
		return err
	}
	path := "/admin/users/" + u.ID.String()
	q := question{
		Title: "Delete this account?", Object: u.Name + ", " + u.Email, Action: path + "/delete", Back: path, Verb: "Delete the account for good",
		Goes: []string{
			"The account with its e-mail address, name and password, and all ways to sign in to it.",
			"All games that were played with it, with their results.",
		},
		Stays: []string{
			"Sentences, tags and imports, even if this person made them.",
			"The audit log, in which an opaque number takes the place of this person.",
		},
	}
	if editorOf(r.Context()).UserID == u.ID {
		q.Goes = append(q.Goes, "This is your own account: you will be signed out.")
	}
	return p.ask(w, r, "users", q)
}

func (p *Panel) deleteUser(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "user_id", "user")
	if err != nil {
		return err
	}
	if err := p.accounts.DeleteUser(r.Context(), id); err != nil {
		return err
	}
	return done(w, r, "/admin/users", "deleted")
}
