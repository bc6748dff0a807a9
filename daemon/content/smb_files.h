/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_files: the open files of an SMB connection and the bodies that their writes and reads make.
 *
 * Bytes in the file's order are one body for each direction. What comes out of order is a body of its own at once, since
 * its packet is about to leave, and is kept beside (SMB_HELD_MAX a connection) for its place in the file's body; without
 * room, or when bytes are written over, the file's body ends as not whole.
 */
#ifndef DAEMON_CONTENT_SMB_FILES_H
#define DAEMON_CONTENT_SMB_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMB_FILES_MAX 64u	/* open at once; one more takes the place of the one used longest ago */
#define SMB_NAME_MAX 256u	/* bytes of UTF-8; the start of a longer name is cut off */
#define SMB_HELD_MAX 524288u	/* bytes kept for their turn */
#define SMB_PENDING_MAX 128u	/* requests without their answer; one more takes the place of the oldest */
#define SMB_PIECE_ID 0x10000u	/* and the next: what is out of order, from the client and from the server */
#define SMB_LINE_ID 0x10002u	/* and the next: names and the like */
#define SMB_OLD_ID 0x10004u	/* and the next: SMB1 */

struct body_sink;

struct smb_piece {
	struct smb_piece *next;	/* owned: the one behind it in the file */
	uint64_t offset;
	uint32_t len, have;
	uint8_t at[];
};

struct smb_file {
	uint8_t id[16];
	bool known;		/* the server has given its id */
	uint32_t slot;
	uint64_t used;		/* when last, as a count */
	struct smb_flow {
		bool open;
		bool gap;	/* bytes are missing or were written over */
		uint64_t next;	/* offset that comes */
		struct smb_piece *held;	/* owned list, by offset */
	} flow[2];		/* written, read */
	uint16_t name_len;
	char name[SMB_NAME_MAX];
};

struct smb_pending {		/* a request that waits for its answer */
	uint64_t message;
	uint64_t offset;
	struct smb_file *file;	/* borrowed; NULL: closed in between */
	uint16_t command;
	bool taken;
};

struct smb_files {
	struct smb_file *slot[SMB_FILES_MAX];	/* owned */
	struct smb_pending pending[SMB_PENDING_MAX];
	uint32_t next_pending;
	struct smb_file *compound;	/* borrowed: what a related request means by "the file"; NULL: none */
	uint64_t uses;
	size_t held;
	struct smb_transfer {
		struct smb_file *file;	/* borrowed; NULL: it is closed */
		struct smb_piece *piece;	/* owned: the copy for later */
		bool apart;		/* it is a body of its own */
		bool under_way;
	} transfer[2];		/* the client's write, the server's read answer */
};

void smb_files_done(struct smb_files *fs, const struct body_sink *sink);	/* ends all bodies; sink NULL: forgets them */
size_t smb_files_memory(const struct smb_files *fs);

/* smb_file_new - a file that is being opened. Return: NULL no memory */
struct smb_file *smb_file_new(struct smb_files *fs, const char *name, size_t len, const struct body_sink *sink);
/* smb_file_of - by its id; one nobody saw opened is new and has no name. Return: NULL no memory */
struct smb_file *smb_file_of(struct smb_files *fs, const uint8_t id[static 16], const struct body_sink *sink);
void smb_file_opened(struct smb_files *fs, struct smb_file *f, const uint8_t id[static 16], const struct body_sink *sink);
void smb_file_closed(struct smb_files *fs, struct smb_file *f, const struct body_sink *sink);

/* smb_transfer_begin - @len bytes at @offset come: smb_transfer_bytes as they do, then smb_transfer_end */
void smb_transfer_begin(struct smb_files *fs, bool server, struct smb_file *f, uint64_t offset, uint32_t len,
			const struct body_sink *sink);
void smb_transfer_bytes(struct smb_files *fs, bool server, const uint8_t *at, size_t n, const struct body_sink *sink);
void smb_transfer_end(struct smb_files *fs, bool server, bool whole, const struct body_sink *sink);

void smb_asked(struct smb_files *fs, uint64_t message, uint16_t command, struct smb_file *f, uint64_t offset);
/* smb_answered - Return: whether such a request waited; it no longer does */
bool smb_answered(struct smb_files *fs, uint64_t message, uint16_t command, struct smb_pending *out);

#endif
