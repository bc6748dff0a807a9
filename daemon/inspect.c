/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/inspect.h"

#include "daemon/decode.h"
#include "daemon/inspect_clock.h"

#include <errno.h>
#include <ndpi/ndpi_api.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

const struct inspect_conf inspect_conf_default = {
	.udp_packets = 8,
	.tcp_packets = 24,
	.other_packets = 32,
};

const struct inspect_conf inspect_conf_reader = {
	.udp_packets = 24,
	.tcp_packets = 80,
	.other_packets = UINT16_MAX,
	.guess = true,
};

struct inspect {
	struct ndpi_detection_module_struct *module; /* owned */
	struct inspect_conf conf;
	uint64_t now_ms; /* nDPI subtracts times; they must not step back */
};

struct inspect_flow {
	uint16_t packets;
	bool final;
	uint32_t taken; /* bytes nDPI has asked for while it looked at this flow */
	struct ndpi_flow_struct nd;
};

/*
 * nDPI changes its interface with every release; this part speaks 4.2 (Debian 12) and the later ones.
 * Confidence is asked by symbol: in later releases the guesses are numbered above DPI.
 */
#define NDPI_SINCE(major, minor) (NDPI_MAJOR * 100 + NDPI_MINOR >= (major)*100 + (minor))

#if NDPI_SINCE(4, 12)
#define PROTO(p) ((p).proto)
#else
#define PROTO(p) (p)
#endif

#if NDPI_SINCE(4, 6)
#define BY_ADDRESS guessed_protocol_id_by_ip
#else
#define BY_ADDRESS guessed_host_protocol_id
#endif

static struct ndpi_detection_module_struct *module_new(void)
{
#if NDPI_SINCE(4, 10)
	struct ndpi_detection_module_struct *m = ndpi_init_detection_module(NULL);
#else
	struct ndpi_detection_module_struct *m = ndpi_init_detection_module(ndpi_no_prefs);
#endif
#if !NDPI_SINCE(5, 0)
	NDPI_PROTOCOL_BITMASK all;

	NDPI_BITMASK_SET_ALL(all);
	if (m)
		ndpi_set_protocol_detection_bitmask2(m, &all);
#endif
	return m;
}

static ndpi_protocol process(struct inspect *in, struct inspect_flow *f, const uint8_t *ip,
			     uint16_t n)
{
#if NDPI_SINCE(4, 6)
	return ndpi_detection_process_packet(in->module, &f->nd, ip, n, in->now_ms, NULL);
#else
	return ndpi_detection_process_packet(in->module, &f->nd, ip, n, in->now_ms);
#endif
}

static ndpi_protocol give_up(struct inspect *in, struct inspect_flow *f)
{
#if NDPI_SINCE(5, 0)
	return ndpi_detection_giveup(in->module, &f->nd);
#elif NDPI_SINCE(4, 10)
	uint8_t guessed;

	return ndpi_detection_giveup(in->module, &f->nd, &guessed);
#else
	uint8_t guessed;

	return ndpi_detection_giveup(in->module, &f->nd, in->conf.guess, &guessed);
#endif
}

/* Whether a dissector that has found its protocol still waits for more of it: a certificate, a reply. */
static bool waits_for_more(struct inspect *in, struct inspect_flow *f, ndpi_protocol p)
{
#if NDPI_SINCE(5, 0)
	(void)in;
	return p.state == NDPI_STATE_INSPECTING || p.state == NDPI_STATE_PARTIAL ||
	       (p.state == NDPI_STATE_CLASSIFIED && f->nd.extra_packets_func);
#else
	(void)p;
	return ndpi_extra_dissection_possible(in->module, &f->nd);
#endif
}

static bool seen_by_dissector(const struct ndpi_flow_struct *nd)
{
	switch (nd->confidence) {
	case NDPI_CONFIDENCE_DPI:
	case NDPI_CONFIDENCE_DPI_CACHE: return true;
	default: return false;
	}
}

/* ---- the module ---- */

/* nDPI complains on standard output about a file it cannot open, so it is not asked to. */
static bool load_protocols(struct inspect *in)
{
	const char *path = in->conf.protocols_file;

	if (!path)
		return true;
	return access(path, R_OK) == 0 && ndpi_load_protocols_file(in->module, path) >= 0;
}

struct inspect *inspect_new(const struct inspect_conf *conf)
{
	struct inspect *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->conf = *conf;
	if (ndpi_get_api_version() == (uint16_t)NDPI_API_VERSION)
		in->module = module_new();
	if (in->module && load_protocols(in)) {
		ndpi_finalize_initialization(in->module);
		return in;
	}
	inspect_free(in);
	return NULL;
}

void inspect_free(struct inspect *in)
{
	if (!in)
		return;
	if (in->module)
		ndpi_exit_detection_module(in->module);
	free(in);
}

struct inspect_flow *inspect_flow_new(void)
{
	return calloc(1, sizeof(struct inspect_flow));
}

void inspect_flow_free(struct inspect_flow *f)
{
	if (!f)
		return;
	ndpi_free_flow_data(&f->nd);
	free(f);
}

/* ---- packets ---- */

/*
 * nDPI puts whose address it is into `app` when a dissector found only `master`. A host name that
 * says the same makes it evidence again.
 */
static bool by_address(struct inspect *in, struct inspect_flow *f, const struct finding *what)
{
	const char *name = f->nd.host_server_name;
	ndpi_protocol_match_result match;

	if (!what->master || what->app != f->nd.BY_ADDRESS)
		return false;
	if (name[0] == '\0')
		return true;
	return ndpi_match_string_subprotocol(in->module, f->nd.host_server_name,
					     (u_int)strlen(name), &match) != what->app;
}

static void tell(struct inspect *in, struct inspect_flow *f, ndpi_protocol p, struct finding *out)
{
	*out = (struct finding){
		.master = PROTO(p).master_protocol,
		.app = PROTO(p).app_protocol,
		.category = (uint16_t)p.category,
		.final = f->final,
	};
	out->confident = (out->app || out->master) && seen_by_dissector(&f->nd);
	out->app_by_address = by_address(in, f, out);
}

static bool enough(const struct inspect *in, const struct inspect_flow *f, uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP: return f->packets > in->conf.tcp_packets;
	case IPPROTO_UDP: return f->packets > in->conf.udp_packets;
	default: return f->packets > in->conf.other_packets;
	}
}

static ndpi_protocol known_so_far(const struct inspect_flow *f)
{
	ndpi_protocol p = NDPI_PROTOCOL_NULL;

	PROTO(p).master_protocol = f->nd.detected_protocol_stack[1];
	PROTO(p).app_protocol = f->nd.detected_protocol_stack[0];
	p.category = f->nd.category;
	return p;
}

void inspect_packet(struct inspect *in, struct inspect_flow *f, const struct headers *h,
		    int64_t now, struct finding *out)
{
	ndpi_protocol p;
	uint64_t ms = now > 0 ? (uint64_t)now / 1000000 : 0;
	uint32_t before = ndpi_get_tot_allocated_memory(); /* only grows, and wraps */
	bool done;

	if (ms > in->now_ms)
		in->now_ms = ms;
	if (f->packets < UINT16_MAX)
		f->packets++;
	inspect_clock_set(now);
	if (h->cut || h->total > UINT16_MAX)
		p = known_so_far(f);
	else
		p = process(in, f, h->ip, (uint16_t)h->total);
	inspect_clock_clear();
	done = enough(in, f, h->protocol);
	if (done || (PROTO(p).app_protocol && !waits_for_more(in, f, p)))
		f->final = true;
	if (done && !PROTO(p).app_protocol)
		p = give_up(in, f);
	tell(in, f, p, out);
	f->taken += ndpi_get_tot_allocated_memory() - before;
}

void inspect_give_up(struct inspect *in, struct inspect_flow *f, struct finding *out)
{
	f->final = true;
	tell(in, f, give_up(in, f), out);
}

size_t inspect_bytes(const struct inspect_flow *f)
{
	return sizeof(*f) + f->taken;
}

unsigned int inspect_packets(const struct inspect_flow *f)
{
	return f->packets;
}

/* ---- what was read on the way ---- */

const char *inspect_name(const struct inspect_flow *f)
{
	return f->nd.host_server_name;
}

/* The fields share their bytes with those of other protocols, so they are looked at for these only. */
static bool has_handshake(const struct ndpi_flow_struct *nd)
{
	static const uint16_t kinds[] = {
		NDPI_PROTOCOL_TLS,        NDPI_PROTOCOL_DTLS,       NDPI_PROTOCOL_QUIC,
		NDPI_PROTOCOL_MAIL_SMTPS, NDPI_PROTOCOL_MAIL_IMAPS, NDPI_PROTOCOL_MAIL_POPS,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (nd->detected_protocol_stack[0] == kinds[i] ||
		    nd->detected_protocol_stack[1] == kinds[i])
			return true;
	return false;
}

bool inspect_tls(const struct inspect_flow *f, struct inspect_tls *out)
{
	if (!has_handshake(&f->nd))
		return false;
	*out = (struct inspect_tls){
		.subject = f->nd.protos.tls_quic.subjectDN,
		.issuer = f->nd.protos.tls_quic.issuerDN,
	};
	return true;
}

/* ---- names ---- */

uint16_t inspect_app_count(struct inspect *in)
{
	return (uint16_t)ndpi_get_num_supported_protocols(in->module);
}

const char *inspect_app_name(struct inspect *in, uint16_t number)
{
	return ndpi_get_proto_name(in->module, number < inspect_app_count(in) ? number : 0);
}

int inspect_app_named(struct inspect *in, const char *name, uint16_t *number)
{
	uint16_t count = inspect_app_count(in);

	for (uint16_t i = 1; i < count; i++) {
		if (strcasecmp(inspect_app_name(in, i), name) == 0) {
			*number = i;
			return 0;
		}
	}
	return -ENOENT;
}

const char *inspect_category_name(struct inspect *in, uint16_t category)
{
	return ndpi_category_get_name(in->module, (ndpi_protocol_category_t)category);
}

const char *inspect_label(struct inspect *in, const struct finding *what,
			  char buf[static INSPECT_LABEL])
{
	const char *app = inspect_app_name(in, what->app ? what->app : what->master);

	if (what->master && what->app && what->master != what->app)
		snprintf(buf, INSPECT_LABEL, "%s.%s", inspect_app_name(in, what->master), app);
	else
		snprintf(buf, INSPECT_LABEL, "%s", app);
	return buf;
}

const char *inspect_library(void)
{
	return ndpi_revision();
}
