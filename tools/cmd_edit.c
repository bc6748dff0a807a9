/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules/edit/edit.h"
#include "rules/edit/save.h"
#include "tools/cli.h"
#include "tools/cli_change.h"
#include "tools/cli_edit.h"

struct session {
	struct cli *c;
	const char *policy; /* borrowed */
	const char *part;   /* borrowed; the file that is edited */
	struct save_lock lock;
	struct edit read;      /* the policy's files as they are */
	struct edit_text text; /* the file before and after */
	char copy[PATH_MAX];   /* what the editor gets; kept until its text is in place */
	int64_t now;
};

/* --- the editor -------------------------------------------------------------------------------- */

static void be_editor(const char *path)
{
	static const char command[] =
		"eval \"${VISUAL:-${EDITOR:-$(command -v sensible-editor || echo vi)}} \\\"\\$1\\\"\"";

	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	execl("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL);
	_exit(127);
}

/* As system(): the keys that stop a program are the editor's as long as it runs. Return: CLI_YES or CLI_CANNOT */
static int run_editor(struct session *s)
{
	void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
	void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		be_editor(s->copy);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, interrupt);
	signal(SIGQUIT, quit);
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return CLI_YES;
	return cli_error(s->c, "the editor failed", "エディタが失敗しました");
}

/* --- texts ------------------------------------------------------------------------------------- */

static int read_copy(struct session *s)
{
	char chunk[16384];
	int fd = open(s->copy, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : 1;

	text_clear(&s->text.after);
	while (n > 0 && s->text.after.len <= FILES_BYTES_MAX) {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			text_add(&s->text.after, chunk, (size_t)n);
	}
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return cli_error(s->c, "%s: %s", "%s: %s", s->copy, strerror(errno));
	if (s->text.after.failed)
		return cli_error(s->c, "out of memory", "メモリが足りません");
	return CLI_YES;
}

static bool is_unchanged(const struct session *s)
{
	return s->text.after.len == s->text.before_len &&
	       (s->text.before_len == 0 ||
		!memcmp(s->text.after.bytes, s->text.before, s->text.before_len));
}

/* The file among those of the policy; it may be an included one. */
static int find_part(struct session *s)
{
	struct stat st;

	if (stat(s->part, &st) < 0)
		return cli_error(s->c, "%s: %s", "%s: %s", s->part, strerror(errno));
	for (const struct source_file *f = s->read.files.list; f; f = f->next)
		if (f->device == st.st_dev && f->inode == st.st_ino) {
			s->text = (struct edit_text){ .path = s->part,
						      .device = f->device,
						      .inode = f->inode,
						      .before = f->text.bytes,
						      .before_len = f->text.len };
			return CLI_YES;
		}
	return cli_error(s->c, "%s is no file of the policy %s",
			 "%s は定義 %s のファイルではありません", s->part, s->policy);
}

/* A copy that an earlier run left behind is somebody's work: it is gone on with, or nothing happens. */
static int make_copy(struct session *s)
{
	int r = save_new(s->copy, s->text.before, s->text.before_len);

	if (r != -EEXIST)
		return r == 0 ? CLI_YES
			      : cli_error(s->c, "%s: %s", "%s: %s", s->copy, strerror(-r));
	fprintf(stderr,
		cli_tr(s->c, "%s holds changes that were never written\n",
		       "%s に書き込まれていない変更が残っています\n"),
		s->copy);
	if (cli_confirm(s->c, "go on with them?", "続きから編集しますか?") == 1)
		return CLI_YES;
	return cli_error(s->c, "move %s away to begin anew",
			 "最初から始めるには %s を移動してください", s->copy);
}

/* --- the session ------------------------------------------------------------------------------- */

static int keep(const struct session *s, int r)
{
	cli_error(s->c, "%s is unchanged; your text is kept in %s, 'sekimori edit' goes on with it",
		  "%s は変更していません。編集した内容は %s にあり、'sekimori edit' で続けられます",
		  s->part, s->copy);
	return r;
}

/* Compiled, proved, shown, written; *again: it was refused and is to be edited once more. */
static int propose(struct session *s, bool *again)
{
	struct cli_change w = { .path = s->policy, .texts = &s->text, .count = 1, .now = s->now };
	int r = cli_change_try(s->c, &w);

	if (r == CLI_YES)
		r = cli_change_write(s->c, &w);
	else if (!s->c->json)
		*again = cli_confirm(s->c, "edit again?", "もう一度編集しますか?") == 1;
	if (w.written)
		unlink(s->copy);
	else if (!*again)
		keep(s, r);
	return cli_change_end(s->c, &w, r);
}

static int edit_loop(struct session *s)
{
	bool again = true;
	int r = make_copy(s);

	while (r == CLI_YES && again) {
		again = false;
		int editor = run_editor(s);

		r = read_copy(s);
		if (r == CLI_YES && is_unchanged(s)) {
			unlink(s->copy);
			r = editor;
			if (r == CLI_YES && !s->c->json)
				cli_say(s->c, "nothing was changed\n", "変更はありません\n");
			break;
		}
		if (r == CLI_YES && editor != CLI_YES)
			r = keep(s, editor);
		if (r != CLI_YES)
			break;
		r = propose(s, &again);
		if (again)
			r = CLI_YES;
	}
	return r;
}

static int run(struct cli *c)
{
	struct session s = { .c = c,
			     .policy = c->operands[0],
			     .part = c->operands[c->operand_count - 1] };
	int r;

	if (!cli_change_now(c, &s.now))
		return CLI_CANNOT;
	if ((size_t)snprintf(s.copy, sizeof(s.copy), "%s.edit", s.part) >= sizeof(s.copy))
		return cli_error(c, "%s: %s", "%s: %s", s.part, strerror(ENAMETOOLONG));
	r = cli_edit_lock(c, s.policy, &s.lock);
	if (r != CLI_YES)
		return r;
	if (edit_open(&s.read, s.policy) == -ENOMEM)
		r = cli_error(c, "out of memory", "メモリが足りません");
	if (r == CLI_YES)
		r = find_part(&s);
	if (r == CLI_YES)
		r = edit_loop(&s);
	text_done(&s.text.after);
	edit_close(&s.read);
	save_unlock(&s.lock);
	return r;
}

static const struct cli_option options[] = {
	CLI_CHANGE_OPTIONS,
	{ 0 },
};

const struct cli_verb cmd_edit = {
	.name = "edit",
	.run = run,
	.operands = "FILE [PART]",
	.help = { "change a policy in an editor; it is written only when check accepts it",
		  "定義をエディタで変更する。check を通ったものだけを書き込む" },
	.more = { "PART is a file that FILE includes, to be edited in its place. The editor is $VISUAL, $EDITOR or "
		  "sensible-editor. While somebody edits, others are told who. A text that is refused or not wanted is "
		  "kept beside the file as FILE.edit. Exit status 1: refused, or not wanted.",
		  "PART は FILE が include するファイルで、そちらを編集する。エディタは $VISUAL、$EDITOR、sensible-editor の順。"
		  "編集中は他の人に編集者を知らせる。拒否されたか取りやめた内容は FILE.edit に残る。"
		  "終了コード 1: 拒否したか、取りやめた。" },
	.options = options,
	.json = true,
};
