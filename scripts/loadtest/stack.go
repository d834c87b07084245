package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/lib/pq" // registers the driver "postgres"
)

// stack is one way to run the program: the embedded default, or the services of production.
type stack struct {
	name string
	// dir holds the data directories, one to a catalogue.
	dir string
	// postgres is a superuser's address; "" means SQLite.
	postgres string
	redis    string
	s3       []string // settings
	// beside are the processes of the services: they count with the daemon.
	beside processes
}

// embedded is the program alone.
func (b *bench) embedded() (*stack, error) {
	dir, err := b.folder("sqlite")
	return &stack{name: "SQLite", dir: dir}, err
}

// production is the program on PostgreSQL, Redis and MinIO, or nil where with-services has not started them.
func (b *bench) production(ctx context.Context) (*stack, error) {
	postgres, redis, s3 := os.Getenv("TEST_POSTGRES_URL"), os.Getenv("TEST_REDIS_URL"), os.Getenv("TEST_S3_ENDPOINT")
	if postgres == "" || redis == "" || s3 == "" {
		return nil, nil
	}
	dir, err := b.folder("postgres")
	if err != nil {
		return nil, err
	}
	s := &stack{name: "PostgreSQL", dir: dir, postgres: postgres, redis: redis, s3: []string{
		"S3_ENDPOINT_URL=" + s3, "S3_ACCESS_KEY=" + os.Getenv("TEST_S3_ACCESS_KEY"),
		"S3_SECRET_KEY=" + os.Getenv("TEST_S3_SECRET_KEY"), "S3_BUCKET_NAME=loadtest",
	}}
	postmaster, err := s.postmaster(ctx)
	if err != nil {
		return nil, err
	}
	server, err := redisProcess(ctx, redis)
	if err != nil {
		return nil, err
	}
	s.beside = processes{pids: []int{server}, families: []int{postmaster}}
	return s, nil
}

// folder is a place for data: below -data, where it stays, or a temporary one.
func (b *bench) folder(name string) (string, error) {
	if b.data != "" {
		dir, err := filepath.Abs(filepath.Join(b.data, name))
		if err != nil {
			return "", err
		}
		return dir, os.MkdirAll(dir, 0o700)
	}
	dir, err := os.MkdirTemp("", "loadtest-"+name+"-")
	if err != nil {
		return "", err
	}
	b.undo.add(func() error { return os.RemoveAll(dir) })
	return dir, nil
}

// postmaster is the parent of all of PostgreSQL's processes.
func (s *stack) postmaster(ctx context.Context) (int, error) {
	db, err := sql.Open("postgres", s.postgres)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	var backend int
	if err := db.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		return 0, err
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", backend))
	if err != nil || !strings.HasPrefix(string(name), "postgres") {
		return 0, errors.New("PostgreSQL is not on this machine: its processor time cannot be measured")
	}
	process, err := readStat(backend)
	return process.parent, err
}

// redisProcess asks Redis for its process, in its own words (https://redis.io/docs/latest/develop/reference/protocol-spec/,
// "Inline commands").
func redisProcess(ctx context.Context, address string) (int, error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, errors.New("TEST_REDIS_URL is no address")
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if password, ok := u.User.Password(); ok {
		fmt.Fprintf(conn, "AUTH %s\r\n", password)
	}
	fmt.Fprint(conn, "INFO server\r\nQUIT\r\n")
	lines := bufio.NewScanner(io.LimitReader(conn, 1<<16))
	for lines.Scan() {
		var pid int
		if n, _ := fmt.Sscanf(lines.Text(), "process_id:%d", &pid); n == 1 {
			return pid, nil
		}
	}
	return 0, errors.New("redis does not tell its process")
}

// catalogue is a filled database: its settings.
type catalogue struct {
	stack    *stack
	speeches int
	dir      string // DATA_DIR
	env      []string
	database string // PostgreSQL's address of it
}

// The seeds of the sentences with the learner who has played much, and of the many learners.
const (
	seedOfOne  = "42"
	seedOfMany = "43"
)

// catalogue makes a database with so many sentences, or uses the one that an earlier run has left below -data. With games,
// one learner has played that many; with users, there are so many others.
func (b *bench) catalogue(ctx context.Context, s *stack, speeches, games, users int) (catalogue, error) {
	name := fmt.Sprintf("loadtest_%d", speeches)
	c := catalogue{stack: s, speeches: speeches, dir: filepath.Join(s.dir, name)}
	c.env = []string{
		"DATA_DIR=" + c.dir, "AUTO_MIGRATE=true", "JWT_SECRET_KEY=" + b.key,
		"API_HOST=127.0.0.1", "API_PORT=0", "LOG_FORMAT=json", "LOG_LEVEL=info", "PATH=" + os.Getenv("PATH"), "HOME=" + s.dir,
		"RATE_LIMIT_PER_MINUTE=1000000", "RATE_LIMITS=random=1000000,sessions=1000000,history=1000000,register=1000000",
		"METRICS_ADDR=127.0.0.1:0",
	}
	if s.postgres != "" {
		var err error
		if c.database, err = b.createDatabase(ctx, s, name); err != nil {
			return catalogue{}, err
		}
		c.env = append(c.env, "DATABASE_URL="+c.database+"&binary_parameters=yes", "REDIS_URL="+s.redis)
		c.env = append(c.env, s.s3...)
	}
	began := time.Now()
	steps := [][]string{
		{"migrate", "up", "--quiet"},
		{"seed", "--seed", seedOfOne, "--yes", "--quiet", "--speeches", fmt.Sprint(speeches), "--users", fmt.Sprint(min(games, 1)), "--sessions", fmt.Sprint(games)},
		{"seed", "--seed", seedOfMany, "--yes", "--quiet", "--speeches", "0", "--users", fmt.Sprint(users)},
	}
	if users == 0 {
		steps = steps[:2]
	}
	for _, step := range steps {
		if err := b.englishctl(ctx, c, step...); err != nil {
			return catalogue{}, err
		}
	}
	b.say("%s: filled with %d sentences, %d games and %d learners in %.1f s", s.name, speeches, games, users, time.Since(began).Seconds())
	return c, nil
}

// open opens the catalogue's database beside the daemon.
func (c catalogue) open() (*sql.DB, error) {
	if c.database != "" {
		return sql.Open("postgres", c.database)
	}
	return sql.Open("sqlite", "file:"+filepath.Join(c.dir, "englishctl.db")+durable)
}

// learners are the ids of a seed's learners.
func (c catalogue) learners(ctx context.Context, seed string) (ids []string, err error) {
	db, err := c.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, "SELECT id FROM users WHERE email LIKE 'learner-%@seed-"+seed+".invalid' ORDER BY id") // our own words
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// createDatabase makes an empty database where there is none, and returns its address.
func (b *bench) createDatabase(ctx context.Context, s *stack, name string) (string, error) {
	u, err := url.Parse(s.postgres)
	if err != nil {
		return "", errors.New("TEST_POSTGRES_URL is no address")
	}
	u.Path = "/" + name
	db, err := sql.Open("postgres", s.postgres)
	if err != nil {
		return "", err
	}
	b.undo.add(db.Close)
	var there bool
	if err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil {
		return "", err
	}
	if !there {
		if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil { // our own name
			return "", err
		}
	}
	if b.data == "" {
		b.undo.add(func() error {
			_, err := db.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			return err
		})
	}
	if u.RawQuery == "" {
		u.RawQuery = "sslmode=disable"
	}
	return u.String(), nil
}
