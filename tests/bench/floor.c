/* The least that a durable save can cost: what tests/bench/save.py measures every other way against.

   For each save it writes the blob, the trees along the path, the commit, the post, the branch with its
   reflogs, and the index with its checksum and its cached trees renewed. Each file goes to a temporary
   name, is made durable and renamed, and its folder is made durable. It checks nothing, waits for nobody
   and could not take anything back; trees are kept in memory, and the index is read once and written once.

   Reads from standard input, in lines ending in LF:
       tree FOLDER SIZE    and the bytes of that folder's tree ("." for the top)
       save PATH SIZE      and the bytes of the post; answers "FSYNCS BYTES" when all is durable
   cc -O2 -o floor floor.c -lcrypto -lz; floor REPOSITORY-FOLDER BRANCH COMMIT */

#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define DEEPEST 40
#define FAIL(what) do { perror(what); exit(1); } while (0)

struct tree { char folder[1024]; unsigned char *data; size_t size; unsigned char before[20], after[20]; };
struct draft { char name[128], place[128], folder[96]; int fd; };

static struct tree trees[4096];
static int known_trees;
static struct draft drafts[DEEPEST + 3];
static int open_drafts;
static long fsyncs, written;
static const char *branch;
static char head[41];

static void durable(int fd) { if (fsync(fd)) FAIL("fsync"); fsyncs++; }

static void folder_durable(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0) FAIL(folder);
    durable(fd);
    close(fd);
}

static void put(int fd, const void *data, size_t size) {
    for (const char *at = data; size; ) {
        ssize_t done = write(fd, at, size);
        if (done < 0) FAIL("write");
        at += done, size -= done, written += done;
    }
}

static void hex(const unsigned char *id, char *out) {
    for (int n = 0; n < 20; n++) sprintf(out + 2 * n, "%02x", id[n]);
}

/* An object under a temporary name, not yet waited for. */
static void object(const char *kind, const void *data, size_t size, unsigned char *id) {
    char head[32], name[41];
    int length = sprintf(head, "%s %zu", kind, size) + 1;
    SHA_CTX sum;
    SHA1_Init(&sum), SHA1_Update(&sum, head, length), SHA1_Update(&sum, data, size), SHA1_Final(id, &sum);
    z_stream z = {0};
    if (deflateInit(&z, 1) != Z_OK) FAIL("deflate");
    size_t room = deflateBound(&z, length + size) + 64;
    unsigned char *packed = malloc(room);
    z.next_out = packed, z.avail_out = room;
    z.next_in = (unsigned char *) head, z.avail_in = length;
    deflate(&z, Z_NO_FLUSH);
    z.next_in = (unsigned char *) data, z.avail_in = size;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) FAIL("deflate");
    hex(id, name);
    struct draft *draft = &drafts[open_drafts++];
    sprintf(draft->folder, ".git/objects/%.2s", name);
    sprintf(draft->place, "%s/%s", draft->folder, name + 2);
    sprintf(draft->name, "%s/tmp_obj_%d", draft->folder, open_drafts);
    draft->fd = open(draft->name, O_WRONLY | O_CREAT | O_EXCL, 0444);
    if (draft->fd < 0) {
        mkdir(draft->folder, 0777);
        draft->fd = open(draft->name, O_WRONLY | O_CREAT | O_EXCL, 0444);
    }
    if (draft->fd < 0) FAIL(draft->name);
    put(draft->fd, packed, z.total_out);
    deflateEnd(&z), free(packed);
}

static void objects_durable(void) {
    for (int n = 0; n < open_drafts; n++) durable(drafts[n].fd);
    for (int n = 0; n < open_drafts; n++) {
        if (rename(drafts[n].name, drafts[n].place)) FAIL(drafts[n].place);
        close(drafts[n].fd);
    }
    for (int n = 0; n < open_drafts; n++) {
        int seen = 0;
        for (int m = 0; m < n; m++) seen |= !strcmp(drafts[m].folder, drafts[n].folder);
        if (!seen) folder_durable(drafts[n].folder);
    }
    open_drafts = 0;
}

/* A file by way of a temporary name, with its folder. */
static void replace(const char *path, const char *temporary, const char *folder, const void *data, size_t size) {
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (fd < 0) FAIL(temporary);
    put(fd, data, size), durable(fd), close(fd);
    if (rename(temporary, path)) FAIL(path);
    folder_durable(folder);
}

static struct tree *tree_of(const char *folder) {
    for (int n = 0; n < known_trees; n++) if (!strcmp(trees[n].folder, folder)) return &trees[n];
    fprintf(stderr, "no tree %s\n", folder), exit(1);
}

static void set_id(struct tree *tree, const char *name, const unsigned char *id) {
    char pattern[260];
    int length = sprintf(pattern, " %s", name) + 1;
    unsigned char *at = memmem(tree->data, tree->size, pattern, length);
    if (!at) fprintf(stderr, "no entry %s\n", name), exit(1);
    memcpy(at + length, id, 20);
}

static void put_number(unsigned char *at, unsigned number) {
    at[0] = number >> 24, at[1] = number >> 16, at[2] = number >> 8, at[3] = number;
}

static void renew_index(const char *path, const unsigned char *id, const struct stat *status, struct tree **way, int depth) {
    static unsigned char *data;
    static size_t room;
    struct stat old;
    int fd = open(".git/index", O_RDONLY);
    if (fd < 0 || fstat(fd, &old)) FAIL("index");
    size_t size = old.st_size, length = strlen(path) + 1;
    if (room < size) data = realloc(data, room = size + 65536);
    for (size_t had = 0; had < size; ) {
        ssize_t got = read(fd, data + had, size - had);
        if (got <= 0) FAIL("index");
        had += got;
    }
    close(fd);
    unsigned char *at = memmem(data, size, path, length);
    while (at && (at[-1] != ((length - 1) & 0xff) || (at[-2] & 0xf0))) at = memmem(at + 1, data + size - at - 1, path, length);
    if (!at) fprintf(stderr, "%s is not in the index\n", path), exit(1);
    unsigned char *entry = at - 62;
    put_number(entry, status->st_ctim.tv_sec), put_number(entry + 4, status->st_ctim.tv_nsec);
    put_number(entry + 8, status->st_mtim.tv_sec), put_number(entry + 12, status->st_mtim.tv_nsec);
    put_number(entry + 16, status->st_dev), put_number(entry + 20, status->st_ino);
    put_number(entry + 28, status->st_uid), put_number(entry + 32, status->st_gid);
    put_number(entry + 36, status->st_size);
    memcpy(entry + 40, id, 20);
    unsigned char *from = at;  /* the cached trees stand behind all entries */
    for (int n = 0; n < depth; n++) {
        unsigned char *cached = memmem(from, data + size - from, way[n]->before, 20);
        if (cached) memcpy(cached, way[n]->after, 20);
    }
    SHA1(data, size - 20, data + size - 20);
    replace(".git/index", ".git/index.lock", ".git", data, size);
}

static void save(char *path, const void *post, size_t size) {
    unsigned char blob[20], commit[20], *id = blob;
    char folder[1024], text[1024], line[1200], temporary[1100];
    struct tree *way[DEEPEST];
    int depth = 0;
    fsyncs = written = 0;
    object("blob", post, size, blob);
    strcpy(folder, path);
    for (char *name = NULL; ; depth++) {
        char *slash = strrchr(folder, '/');
        name = slash ? slash + 1 : folder;
        char own[256];
        strcpy(own, name);
        if (slash) *slash = 0; else strcpy(folder, ".");
        way[depth] = tree_of(folder);
        set_id(way[depth], own, id);
        memcpy(way[depth]->before, way[depth]->after, 20);
        object("tree", way[depth]->data, way[depth]->size, way[depth]->after);
        id = way[depth]->after;
        if (!slash) { depth++; break; }
    }
    long now = time(NULL);
    hex(id, temporary);
    int length = sprintf(text, "tree %s\nparent %s\nauthor Ada <ada@example.org> %ld +0000\n"
        "committer gitcms <gitcms@localhost> %ld +0000\n\nChange a post\n", temporary, head, now, now);
    object("commit", text, length, commit);
    objects_durable();

    strcpy(folder, path);
    *strrchr(folder, '/') = 0;
    sprintf(temporary, "%s/.floor.tmp", folder);
    replace(path, temporary, folder, post, size);
    struct stat status;
    if (lstat(path, &status)) FAIL(path);

    char new[42];
    hex(commit, new), strcpy(new + 40, "\n");
    length = sprintf(line, "%s %.40s gitcms <gitcms@localhost> %ld +0000\tcommit: Change a post\n", head, new, now);
    sprintf(temporary, ".git/logs/refs/heads/%s", branch);
    const char *logs[] = {temporary, ".git/logs/HEAD"};
    for (int n = 0; n < 2; n++) {
        int fd = open(logs[n], O_WRONLY | O_APPEND | O_CREAT, 0644);
        if (fd < 0) FAIL(logs[n]);
        put(fd, line, length), close(fd);
    }
    sprintf(text, ".git/refs/heads/%s", branch);
    sprintf(temporary, "%s.lock", text);
    replace(text, temporary, ".git/refs/heads", new, 41);
    memcpy(head, new, 40);
    renew_index(path, blob, &status, way, depth);
    printf("%ld %ld\n", fsyncs, written), fflush(stdout);
}

int main(int count, char **arguments) {
    static char line[4096], path[2048];
    if (count != 4 || chdir(arguments[1])) FAIL("floor REPOSITORY BRANCH COMMIT");
    branch = arguments[2];
    memcpy(head, arguments[3], 40);
    while (fgets(line, sizeof line, stdin)) {
        size_t size;
        int is_tree = !strncmp(line, "tree ", 5);
        char *end = strrchr(line, ' ');
        size = strtoul(end + 1, NULL, 10), *end = 0;
        strcpy(path, line + 5);
        unsigned char *data = malloc(size + 1);
        if (fread(data, 1, size, stdin) != size) FAIL("input");
        if (is_tree) {
            struct tree *tree = &trees[known_trees++];
            char header[32];
            int length = sprintf(header, "tree %zu", size) + 1;
            SHA_CTX sum;
            SHA1_Init(&sum), SHA1_Update(&sum, header, length), SHA1_Update(&sum, data, size), SHA1_Final(tree->after, &sum);
            strcpy(tree->folder, path), tree->data = data, tree->size = size;
        } else {
            save(path, data, size);
            free(data);
        }
    }
    return 0;
}
