// Plays one game against a server, through a client whose types are generated from the API's description:
//
//	npm ci
//	npm run generate -- http://127.0.0.1:8000/api/v1/openapi.json
//	npm run build
//	node game.js http://127.0.0.1:8000
import { randomUUID } from "node:crypto";
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./api.js";

type SaveGameResult = components["schemas"]["SaveGameResult"];

const address = process.argv[2] ?? "http://127.0.0.1:8000";
const api = createClient<paths>({ baseUrl: address });

/** Returns what was answered, or ends the game with what the server says is wrong. */
function must<T>(answer: { data?: T; error?: { code: string; detail: string } }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.error?.code}: ${answer.error?.detail}`);
  }
  return answer.data;
}

function check(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new Error(`not as expected: ${what}`);
  }
}

const email = `typescript-${randomUUID()}@example.com`;
const password = "SecurePass123";
const registered = must(await api.POST("/api/v1/auth/register", { body: { email, password, name: "Ty" } }));
const taken = await api.POST("/api/v1/auth/register", { body: { email, password, name: "Ty" } });
check(taken.error?.code === "email_taken" && taken.response.status === 409, "an address is taken once");

const signedIn = must(await api.POST("/api/v1/auth/login", { body: { email, password } }));
check(signedIn.user.id === registered.user.id, "the same account");
const signed: Middleware = {
  onRequest({ request }) {
    request.headers.set("Authorization", `${signedIn.token_type} ${signedIn.access_token}`);
  },
};
api.use(signed);

const { tags } = must(await api.GET("/api/v1/tags"));
check(tags.length > 0, "there are tags");
const { speeches } = must(
  await api.POST("/api/v1/game/speeches/random", {
    body: { level: "A1", type: "question", tags: tags.map((tag) => tag.id).slice(0, 100), limit: 3 },
  }),
);
check(speeches.length > 0, "there are speeches");

const startedAt = new Date();
const results = speeches.map(
  (speech, i): SaveGameResult => ({
    speech_id: speech.id,
    sequence_number: i + 1,
    user_response: "correct",
    response_time_ms: 1500,
  }),
);
const saved = must(
  await api.POST("/api/v1/game/sessions", {
    params: { header: { "Idempotency-Key": randomUUID() } },
    body: {
      mode: "listen_only",
      level: "A1",
      sentence_type: "question",
      selected_tags: speeches[0]!.tags.map((tag) => tag.id),
      total_sentences: results.length,
      correct_count: results.length,
      max_streak: results.length,
      duration_seconds: 60,
      started_at: startedAt.toISOString(),
      completed_at: new Date(startedAt.getTime() + 60_000).toISOString(),
      results,
    },
  }),
);

const history = must(await api.GET("/api/v1/game/sessions", { params: { query: { mode: "listen_only", limit: 10 } } }));
check(history.pagination.total === 1 && history.sessions[0]?.id === saved.session_id, "the game is in the history");
const detail = must(await api.GET("/api/v1/game/sessions/{session_id}", { params: { path: { session_id: saved.session_id } } }));
check(detail.results.length === speeches.length && detail.results[0]?.speech.text === speeches[0]!.text, "the detail has what was played");

const nothing = await api.GET("/api/v1/game/sessions/{session_id}", { params: { path: { session_id: speeches[0]!.id } } });
check(nothing.error?.code === "not_found", "a speech is no game");
console.log(`TypeScript: played ${speeches.length} sentences, ${detail.correct_count} correct, saved as ${saved.session_id}`);
