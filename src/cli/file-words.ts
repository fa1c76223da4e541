/** What keeps a file from being used, by the code of the system's error. */
export const fileWords: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder", EISDIR: "is a folder", ENOTDIR: "leads through a file", EACCES: "may not be used by this user", EPERM: "may not be used by this user",
  EROFS: "its file system takes no writing", ENOSPC: "its disk is full",
};
