/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/conf.h"

#include "rules/kernel/mark.h"

#include <errno.h>
#include <libconfig.h>
#include <string.h>
#include <unistd.h>

static const char *const clock_words[] = { "synchronised", "trusted", NULL };

#define NUMBER(N, FIELD, MIN, MAX, DEFAULT, EN, JA) \
	{ \
		.name = N, .type = CONF_NUMBER, .offset = offsetof(struct conf, FIELD), \
		.min = MIN, .max = MAX, .number = DEFAULT, .help = { \
			EN, \
			JA \
		} \
	}
#define TEXT(N, FIELD, DEFAULT, EN, JA) \
	{ \
		.name = N, .type = CONF_STRING, .offset = offsetof(struct conf, FIELD), \
		.text = DEFAULT, .help = { \
			EN, \
			JA \
		} \
	}

/* clang-format off */
const struct conf_setting conf_settings[] = {
	NUMBER("engines", engines, 0, QUEUES_MAX, 0,
	       "inspecting processes, each with its own queues; 0: one for each processor",
	       "検査プロセスの数。0 は CPU の数"),
	NUMBER("flows", flows, 1024, 4194304, 131072,
	       "conversations each engine can hold; when full the one seen longest ago is ended and counted",
	       "検査プロセス一つが保持できる通信の数。満杯なら最も古いものを終え、数える"),
	NUMBER("queue-length", queue_length, 64, 8192, 1024,
	       "packets that may wait for one engine; each may take 64 KB of memory",
	       "検査待ちにできるパケットの数。一つで最大 64 KB を使う"),
	NUMBER("recorder-flows", recorder_flows, 1024, 4194304, 262144,
	       "conversations whose facts wait for the kernel's record of their end; when full the oldest is "
	       "written with the engine's figures",
	       "終了記録を待つ通信の数。満杯なら最も古いものを検査側の値で書く"),
	NUMBER("stats-interval", stats_interval, 0, 86400, 60,
	       "seconds between two stats events; 0: none", "stats イベントの間隔（秒）。0 はなし"),
	NUMBER("engine-timeout", engine_timeout, 1, 600, 5,
	       "seconds without a sign of life until an engine is replaced",
	       "応答のない検査プロセスを取り替えるまでの秒数"),
	{ .name = "clock", .type = CONF_WORD, .offset = offsetof(struct conf, clock), .words = clock_words,
	  .number = CLOCK_SYNCHRONISED,
	  .help = { "\"synchronised\": nothing opens or closes by date while the kernel says that the clock is "
	            "not synchronised; \"trusted\": the clock is right whatever the kernel says",
	            "\"synchronised\" は時計が同期していない間、期日による開閉をしない。\"trusted\" は常に時計を信じる" } },
	{ .name = "alerts-log", .type = CONF_BOOL, .offset = offsetof(struct conf, alerts_log), .number = true,
	  .help = { "write alerts.log, one Japanese line an alert, beside eve.json",
	            "eve.json のほかに、日本語一行の alerts.log を書く" } },
	{ .name = "restore", .type = CONF_BOOL, .offset = offsetof(struct conf, restore), .number = false,
	  .help = { "apply the policy again when another program has changed its rules in the kernel; it is told either way",
	            "他のプログラムがカーネルの規則を変更したとき、方針を適用し直す。通知は常に行う" } },
	TEXT("user", user, "sekimori", "user to become; \"\": stay who started it",
	     "実行するユーザー。\"\" は起動したユーザーのまま"),
	TEXT("contact", contact, "", "whom a block page and an SMTP 554 tell to ask (name, extension); \"\": nobody is named",
	     "遮断ページと SMTP の 554 に書く問い合わせ先（係名、内線）。\"\" は書かない"),
	TEXT("state-directory", state_directory, "/var/lib/sekimori",
	     "the policy in force and the numbers of its classes", "施行中の方針と分類番号の置き場所"),
	TEXT("log-directory", log_directory, "/var/log/sekimori", "eve.json and alerts.log",
	     "eve.json と alerts.log の置き場所"),
	TEXT("run-directory", run_directory, "/run/sekimori", "the control socket ctl.sock",
	     "制御ソケット ctl.sock の置き場所"),
	{ .name = NULL },
};
/* clang-format on */

static void *field(struct conf *c, const struct conf_setting *s)
{
	return (char *)c + s->offset;
}

static void set_text(struct conf *c, const struct conf_setting *s, const char *text)
{
	snprintf(field(c, s), CONF_TEXT, "%s", text);
}

static void set_number(struct conf *c, const struct conf_setting *s, uint32_t n)
{
	if (s->type == CONF_BOOL)
		*(bool *)field(c, s) = n != 0;
	else
		*(uint32_t *)field(c, s) = n;
}

static void choose_engines(struct conf *c)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->engines == 0)
		c->engines = cpus < 1 ? 1 : cpus > (long)QUEUES_MAX ? QUEUES_MAX : (uint32_t)cpus;
}

static void set_defaults(struct conf *c)
{
	*c = (struct conf){ 0 };
	for (const struct conf_setting *s = conf_settings; s->name; s++) {
		if (s->type == CONF_STRING)
			set_text(c, s, s->text);
		else
			set_number(c, s, s->number);
	}
}

void conf_default(struct conf *c)
{
	set_defaults(c);
	choose_engines(c);
}

/* ---- reading ---- */

struct reading {
	struct conf *conf;
	const char *path;
	char (*why)[256];
};

static int refuse(const struct reading *r, const config_setting_t *at, const char *en,
		  const char *ja)
{
	const char *file = config_setting_source_file(at), *name = config_setting_name(at);
	const unsigned int line = config_setting_source_line(at);

	snprintf(r->why[0], sizeof r->why[0], "%s:%u: %s: %s", file ? file : r->path, line, name,
		 en);
	snprintf(r->why[1], sizeof r->why[1], "%s:%u: %s: %s", file ? file : r->path, line, name,
		 ja);
	return -EINVAL;
}

static int read_number(const struct reading *r, const struct conf_setting *s,
		       const config_setting_t *v)
{
	char en[96], ja[96];
	const long long n = config_setting_get_int64(v);
	const int type = config_setting_type(v);

	snprintf(en, sizeof en, "must be a whole number from %u to %u", s->min, s->max);
	snprintf(ja, sizeof ja, "%u から %u までの整数を書いてください", s->min, s->max);
	if ((type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) || n < s->min || n > s->max)
		return refuse(r, v, en, ja);
	set_number(r->conf, s, (uint32_t)n);
	return 0;
}

static int read_bool(const struct reading *r, const struct conf_setting *s,
		     const config_setting_t *v)
{
	if (config_setting_type(v) != CONFIG_TYPE_BOOL)
		return refuse(r, v, "must be true or false", "true か false を書いてください");
	set_number(r->conf, s, config_setting_get_bool(v) != 0);
	return 0;
}

static int read_word(const struct reading *r, const struct conf_setting *s,
		     const config_setting_t *v)
{
	const char *text = config_setting_get_string(v);
	char choices[96] = "";

	for (uint32_t i = 0; s->words[i]; i++) {
		if (text && strcmp(text, s->words[i]) == 0) {
			set_number(r->conf, s, i);
			return 0;
		}
		snprintf(choices + strlen(choices), sizeof choices - strlen(choices), "%s\"%s\"",
			 i ? ", " : "", s->words[i]);
	}
	char en[160], ja[160];

	snprintf(en, sizeof en, "must be one of %s", choices);
	snprintf(ja, sizeof ja, "次のどれかを書いてください: %s", choices);
	return refuse(r, v, en, ja);
}

static int read_text(const struct reading *r, const struct conf_setting *s,
		     const config_setting_t *v)
{
	const char *text = config_setting_get_string(v);

	if (!text || strlen(text) >= CONF_TEXT)
		return refuse(r, v, "must be a text in \"\", of at most 87 bytes",
			      "\"\" で囲んだ 87 バイトまでの文字列を書いてください");
	set_text(r->conf, s, text);
	return 0;
}

static int (*const readers[])(const struct reading *, const struct conf_setting *,
			      const config_setting_t *) = { [CONF_NUMBER] = read_number,
							    [CONF_BOOL] = read_bool,
							    [CONF_WORD] = read_word,
							    [CONF_STRING] = read_text };

static int read_setting(const struct reading *r, const config_setting_t *v)
{
	const char *name = config_setting_name(v);

	for (const struct conf_setting *s = conf_settings; s->name; s++) {
		if (strcmp(s->name, name) == 0)
			return readers[s->type](r, s, v);
	}
	return refuse(r, v, "unknown setting; `sekimorid -h` lists them",
		      "知らない設定です。`sekimorid -h` で一覧を表示します");
}

static int read_all(const struct reading *r, const config_t *file)
{
	const config_setting_t *root = config_root_setting(file);

	for (int i = 0; i < config_setting_length(root); i++) {
		const int e = read_setting(r, config_setting_get_elem(root, (unsigned int)i));

		if (e)
			return e;
	}
	return 0;
}

int conf_load(struct conf *c, const char *path, char why[2][256])
{
	struct conf read;
	const struct reading r = { .conf = &read, .path = path, .why = why };
	config_t file;
	int e = -EINVAL;

	conf_default(c);
	set_defaults(&read);
	if (access(path, R_OK) < 0) {
		e = -errno;
		snprintf(why[0], sizeof why[0], "%s: cannot be read: %s", path, strerror(-e));
		snprintf(why[1], sizeof why[1], "%s: 読めません: %s", path, strerror(-e));
		return e;
	}
	config_init(&file);
	if (config_read_file(&file, path)) {
		e = read_all(&r, &file);
	} else {
		snprintf(why[0], sizeof why[0], "%s:%d: %s", path, config_error_line(&file),
			 config_error_text(&file));
		snprintf(why[1], sizeof why[1], "%s:%d: 書式の誤り（%s）", path,
			 config_error_line(&file), config_error_text(&file));
	}
	config_destroy(&file);
	if (e)
		return e;
	choose_engines(&read);
	*c = read;
	return 0;
}

/* ---- help ---- */

static void default_text(const struct conf_setting *s, char out[static CONF_TEXT + 2])
{
	if (s->type == CONF_NUMBER)
		snprintf(out, CONF_TEXT + 2, "%u", s->number);
	else if (s->type == CONF_BOOL)
		snprintf(out, CONF_TEXT + 2, "%s", s->number ? "true" : "false");
	else
		snprintf(out, CONF_TEXT + 2, "\"%s\"",
			 s->type == CONF_WORD ? s->words[s->number] : s->text);
}

void conf_help(FILE *out, bool japanese)
{
	for (const struct conf_setting *s = conf_settings; s->name; s++) {
		char value[CONF_TEXT + 2];

		default_text(s, value);
		fprintf(out, "  %s = %s;\n      %s\n", s->name, value, s->help[japanese]);
	}
}
