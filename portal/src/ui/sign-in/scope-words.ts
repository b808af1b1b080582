/** What a permission lets Hawser do, for those that providers of ours ask for. Anything else is shown as it is. */
const words: Record<string, string> = {
  // Google
  "https://www.googleapis.com/auth/drive.readonly": "See and download all files in Drive; change none",
  "https://www.googleapis.com/auth/drive.metadata.readonly":
    "See names and details of files in Drive, not their contents",
  "https://www.googleapis.com/auth/drive.file": "See and change the files that Hawser itself made",
  "https://www.googleapis.com/auth/drive": "See, change and delete all files in Drive",
  "https://www.googleapis.com/auth/userinfo.email": "See the account’s e-mail address",
  "https://www.googleapis.com/auth/userinfo.profile": "See the account’s name",
  // OpenID Connect
  openid: "Recognise the account",
  email: "See the account’s e-mail address",
  profile: "See the account’s name",
  offline_access: "Stay signed in, so that nobody has to come back every hour",
  "offline.access": "Stay signed in, so that nobody has to come back every two hours",
  // Microsoft
  "Files.Read": "Read the files of this account",
  "Files.Read.All": "Read all files that this account can open",
  "Sites.Read.All": "Read documents of SharePoint sites that this account can open",
  "User.Read": "See the account’s name and e-mail address",
  "https://graph.microsoft.com/.default": "Everything that an administrator has granted the app in Entra",
  // Autodesk
  "data:read": "Read files and folders of projects",
  "account:read": "See which accounts and projects there are",
  "viewables:read": "Read the views made of files",
  "user-profile:read": "See the account’s name and e-mail address",
  // X
  "tweet.read": "See posts",
  "tweet.write": "Post and delete posts in the account’s name",
  "users.read": "See the account’s name",
  "media.write": "Upload pictures and videos for posts",
  // LinkedIn
  w_member_social: "Post, comment and like in the member’s name",
  w_organization_social: "Post in the name of the member’s organisations",
  r_organization_social: "See posts of the member’s organisations",
  rw_organization_admin: "See which organisations the member may post for",
  // WordPress.com and Medium
  posts: "See, write and change posts",
  media: "Upload pictures and files",
  basicProfile: "See the account’s name",
  publishPost: "Publish in the account’s name",
};

export const scopeWords = (scope: string): string | undefined => words[scope];
