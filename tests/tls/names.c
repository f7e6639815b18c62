/* Preloaded, it leads AWS's own host names to this machine: port 443 is the port in TLS_PORT there, and each name that is
   asked for is a line in the file TLS_NAMES. Other names are nobody's. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void note(const char *name) {
    char line[300];
    int file = open(getenv("TLS_NAMES"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    int length = snprintf(line, sizeof line, "%s\n", name);
    if (file < 0 || length >= (int)sizeof line || write(file, line, length) != length) abort();
    close(file);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!name || !strchr(name, '.')) return real(name, service, hints, found);
    note(name);
    return real("127.0.0.1", service, hints, found);
}

int connect(int socket, const struct sockaddr *address, socklen_t length) {
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    struct sockaddr_in to;
    if (address->sa_family != AF_INET) return real(socket, address, length);
    memcpy(&to, address, sizeof to);
    if (to.sin_port == htons(443)) to.sin_port = htons(atoi(getenv("TLS_PORT")));
    return real(socket, (struct sockaddr *)&to, sizeof to);
}
