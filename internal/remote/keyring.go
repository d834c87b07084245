package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"
)

// SignIn is what is kept of having signed in to a server.
type SignIn struct {
	// Server is its address: "https://api.example.com".
	Server string `json:"server"`
	Email  string `json:"email"`
	// InsecureHTTP says that the user has agreed to an address that begins with http:// and is not of this machine.
	InsecureHTTP bool   `json:"insecure_http,omitempty"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	// SigningSecret is what requests to the server are signed with; empty: they are not.
	SigningSecret string `json:"signing_secret,omitempty"`
}

// Keyring is the file in which sign-ins are kept, readable by its owner alone. Several processes may use it at once.
type Keyring struct{ path string }

// NewKeyring returns the keyring in a file, which need not exist yet.
func NewKeyring(path string) *Keyring { return &Keyring{path} }

// contents is the file.
type contents struct {
	// Current is the server that was signed in to last; empty after signing out of it.
	Current string   `json:"current"`
	SignIns []SignIn `json:"servers"`
}

func (c contents) find(server string) int {
	return slices.IndexFunc(c.SignIns, func(s SignIn) bool { return s.Server == server })
}

// maxKeyring is far above the sign-ins of anybody, in bytes.
const maxKeyring = 1 << 20

// Current returns the sign-in to the server that was signed in to last, and false if there is none.
func (k *Keyring) Current() (SignIn, bool, error) {
	c, err := k.read()
	if err != nil || c.Current == "" {
		return SignIn{}, false, err
	}
	return k.Find(c.Current)
}

// Find returns the sign-in to a server, and false if there is none.
func (k *Keyring) Find(server string) (SignIn, bool, error) {
	c, err := k.read()
	if err != nil {
		return SignIn{}, false, err
	}
	i := c.find(server)
	if i < 0 {
		return SignIn{}, false, nil
	}
	return c.SignIns[i], true, nil
}

// Put keeps a sign-in, in place of an older one to the same server, and makes the server the current one.
func (k *Keyring) Put(s SignIn) error {
	return k.change(func(c *contents) {
		if i := c.find(s.Server); i >= 0 {
			c.SignIns[i] = s
		} else {
			c.SignIns = append(c.SignIns, s)
		}
		c.Current = s.Server
	})
}

// Renew replaces the access token of a server that is signed in to; of another one it keeps nothing.
func (k *Keyring) Renew(server, access string) error {
	return k.change(func(c *contents) {
		if i := c.find(server); i >= 0 {
			c.SignIns[i].AccessToken = access
		}
	})
}

// Remove forgets a sign-in.
func (k *Keyring) Remove(server string) error {
	return k.change(func(c *contents) {
		c.SignIns = slices.DeleteFunc(c.SignIns, func(s SignIn) bool { return s.Server == server })
		if c.Current == server {
			c.Current = ""
		}
	})
}

// read returns the file's contents, which are empty where there is no file. A file that others can read is refused: its
// tokens may be theirs already, and whoever made it so should know.
func (k *Keyring) read() (c contents, err error) {
	file, err := os.Open(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return contents{}, nil
	}
	if err != nil {
		return contents{}, fmt.Errorf("open the file of sign-ins: %w", err)
	}
	defer func() { _ = file.Close() }() // opened for reading: nothing can be lost
	info, err := file.Stat()
	if err != nil {
		return contents{}, fmt.Errorf("look at the file of sign-ins: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return contents{}, fmt.Errorf("%s holds tokens and others can read it (mode %04o): chmod 600 %[1]s, or sign in again if they may have",
			k.path, info.Mode().Perm())
	}
	if err := json.NewDecoder(io.LimitReader(file, maxKeyring)).Decode(&c); err != nil {
		return contents{}, fmt.Errorf("%s is damaged (%w): remove it and sign in again", k.path, err)
	}
	return c, nil
}

// change rewrites the file under a lock, so that no other process's change is lost.
func (k *Keyring) change(change func(*contents)) (err error) {
	dir := filepath.Dir(k.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of sign-ins: %w", err)
	}
	lock := flock.New(k.path+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil { // held for as long as a small file is written
		return fmt.Errorf("lock the file of sign-ins: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	c, err := k.read()
	if err != nil {
		return err
	}
	change(&c)
	encoded, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the sign-ins: %w", err)
	}
	return k.replace(append(encoded, '\n'))
}

// replace writes the file whole or not at all.
func (k *Keyring) replace(content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(k.path), ".credentials-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the sign-ins: %w", err)
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), k.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the sign-ins: %w", err), os.Remove(file.Name()))
	}
	return nil
}
