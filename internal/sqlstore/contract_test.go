package sqlstore_test

import (
	"testing"

	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/sqlstore/storetest"
)

func TestSQLite(t *testing.T) { storetest.Run(t, sqltest.SQLite) }

func TestPostgres(t *testing.T) { storetest.Run(t, sqltest.Postgres) }
