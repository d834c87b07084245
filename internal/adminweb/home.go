package adminweb

import "net/http"

// home is where one lands after signing in.
func (p *Panel) home(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/admin/speeches", http.StatusSeeOther)
	return nil
}
