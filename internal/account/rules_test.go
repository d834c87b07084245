package account

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEmailRules(t *testing.T) {
	local := strings.Repeat("a", 64)
	domain := strings.Repeat(strings.Repeat("d", 60)+".", 3) + "domain" // 189 bytes
	tests := []struct {
		name, email, want string // want is the stored form; empty means refused
	}{
		{"an address", "user@example.com", "user@example.com"},
		{"trimmed", " \tuser@example.com\n", "user@example.com"},
		{"case does not matter", "USER@Example.COM", "user@example.com"},
		{"one spelling of an accent", "rene\u0301@example.com", "ren\u00e9@example.com"},
		{"plus and dots", "a.b+c@sub.example.co.uk", "a.b+c@sub.example.co.uk"},
		{"an apostrophe is no SQL", "o'neil@example.com", "o'neil@example.com"},
		{"a domain beyond ASCII", "user@bücher.example", "user@bücher.example"},
		{"a domain with marks", "user@उदाहरण.भारत", "user@उदाहरण.भारत"},
		{"digits and hyphens in a domain", "user@3-com.example", "user@3-com.example"},
		{"254 bytes", local + "@" + domain, local + "@" + domain},
		{"a label of 63 bytes", "u@" + strings.Repeat("d", 63) + ".com", "u@" + strings.Repeat("d", 63) + ".com"},

		{"empty", "", ""},
		{"only space", "  ", ""},
		{"no @", "user.example.com", ""},
		{"no name", "@example.com", ""},
		{"no domain", "user@", ""},
		{"two @", "a@b@example.com", ""},
		{"255 bytes", local + "@" + domain + "s", ""},
		{"65 bytes before the @", local + "a@example.com", ""},
		{"a label of 64 bytes", "u@" + strings.Repeat("d", 64) + ".com", ""},
		{"a bare host", "user@localhost", ""},
		{"an IP address", "user@192.0.2.1", ""},
		{"an address literal", "user@[192.0.2.1]", ""},
		{"an empty label", "user@example..com", ""},
		{"a dot at the end", "user@example.com.", ""},
		{"a hyphen at the start of a label", "user@-example.com", ""},
		{"a hyphen at the end of a label", "user@example-.com", ""},
		{"an underscore in a domain", "user@exam_ple.com", ""},
		{"dots in a row", "a..b@example.com", ""},
		{"a display name", "User <user@example.com>", ""},
		{"angle brackets", "<user@example.com>", ""},
		{"a comment", "user@example.com (me)", ""},
		{"a quoted name", `"a b"@example.com`, ""},
		{"two addresses", "a@example.com, b@example.com", ""},
		{"a space", "us er@example.com", ""},
		{"NUL", "user\x00@example.com", ""},
		{"a line break", "user@example.com\r\nBcc: all@example.com", ""},
		{"an invisible character", "user\u200b@example.com", ""},
		{"no UTF-8", "us\xffer@example.com", ""},
		{"markup", "<script>@example.com", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			in, err := h.Register(t.Context(), Registration{Email: tt.email, Password: goodPassword, Name: "An"})
			if in.User.Email != tt.want {
				t.Errorf("stored as %q, want %q", in.User.Email, tt.want)
			}
			var want []string
			if tt.want == "" {
				want = []string{"email"}
			}
			if diff := cmp.Diff(want, broken(t, err)); diff != "" {
				t.Errorf("broken fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPasswordRules(t *testing.T) {
	bad := []string{"password"}
	tests := []struct {
		name, password string
		want           []string
	}{
		{"8 characters with a letter and a digit", "abcdefg1", nil},
		{"128 characters", strings.Repeat("a", 127) + "1", nil},
		{"128 characters of four bytes", strings.Repeat("𝒶", 127) + "1", nil},
		{"128 characters, each typed as two", strings.Repeat("e\u0301", 127) + "1", nil},
		{"letters and digits of any script", "mậtkhẩu١", nil},
		{"spaces are characters", " a 1    ", nil},

		{"empty", "", bad},
		{"7 characters", "abcdef1", bad},
		{"7 characters of two bytes", "éééééé1", bad},
		{"129 characters", strings.Repeat("a", 128) + "1", bad},
		{"a megabyte", strings.Repeat("a1", 1<<19), bad},
		{"no letter", "12345678", bad},
		{"no digit", "abcdefgh", bad},
		{"NUL", "abcdefg1\x00", bad},
		{"no UTF-8", "abcdefg1\xff", bad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			in, err := h.Register(t.Context(), Registration{Email: goodEmail, Password: tt.password, Name: "An"})
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
			if refused := err != nil; refused == (len(h.work) == 1) {
				t.Fatalf("hashed %d times, error %v: what is refused is not hashed", len(h.work), err)
			}
			if err == nil && strings.Contains(in.User.PasswordHash, tt.password) {
				t.Fatal("the hash shows the password")
			}
		})
	}
}

func TestNameRules(t *testing.T) {
	tests := []struct {
		name, in, want string // empty means refused
	}{
		{"a name", "Nguyễn Văn A", "Nguyễn Văn A"},
		{"trimmed", " An\n", "An"},
		{"one character", "A", "A"},
		{"255 characters", strings.Repeat("ễ", 255), strings.Repeat("ễ", 255)},
		{"SQL and HTML are text", `'; DROP TABLE users;--<script>`, `'; DROP TABLE users;--<script>`},
		{"empty", "", ""},
		{"only space", " \t ", ""},
		{"256 characters", strings.Repeat("a", 256), ""},
		{"NUL", "A\x00n", ""},
		{"a line break", "A\nn", ""},
		{"no UTF-8", "A\xffn", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			in, err := h.Register(t.Context(), Registration{Email: goodEmail, Password: goodPassword, Name: tt.in})
			if in.User.Name != tt.want {
				t.Errorf("stored as %q, want %q", in.User.Name, tt.want)
			}
			var want []string
			if tt.want == "" {
				want = []string{"name"}
			}
			if diff := cmp.Diff(want, broken(t, err)); diff != "" {
				t.Errorf("broken fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAvatarRules(t *testing.T) {
	bad := []string{"avatar_url"}
	long := "https://example.com/" + strings.Repeat("a", 2028)
	tests := []struct {
		name, url string
		want      []string
	}{
		{"https", "https://storage.example.com/avatars/new.jpg?s=1#x", nil},
		{"http", "http://example.com", nil},
		{"2048 bytes", long, nil},
		{"2049 bytes", long + "a", bad},
		{"another scheme", "ftp://example.com/a.jpg", bad},
		{"a script", "javascript:alert(1)", bad},
		{"data", "data:image/png;base64,AAAA", bad},
		{"no scheme", "//example.com/a.jpg", bad},
		{"a path", "/a.jpg", bad},
		{"no host", "https:///a.jpg", bad},
		{"only a port", "https://:80/a.jpg", bad},
		{"a space", "https://example.com/a b", bad},
		{"only a space", " ", bad},
		{"a line break", "https://example.com/\n", bad},
		{"NUL", "https://example.com/\x00", bad},
		{"no UTF-8", "https://example.com/\xff", bad},
		{"no URL", "https://exa mple.com:x", bad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			user := h.register(t).User
			_, err := h.UpdateProfile(t.Context(), user.ID, ProfileChange{AvatarURL: &tt.url})
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRegistrationNamesEveryBrokenRule(t *testing.T) {
	_, err := newHouse(t).Register(t.Context(), Registration{})
	if diff := cmp.Diff([]string{"email", "password", "name"}, broken(t, err)); diff != "" {
		t.Fatalf("broken fields (-want +got):\n%s", diff)
	}
}
