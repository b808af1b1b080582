// The deviations of OAuth and of API keys that are met in the world, each as a definition.

const github = {
  display_name: "GitHub",
  base_url: "https://api.github.com",
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://github.com/login/oauth/authorize",
      token_url: "https://github.com/login/oauth/access_token",
      client_auth: "body",
      refresh: "rotating",
      scopes: ["repo"],
      scope_separator: ",",
      // Answers are form-encoded without it, and failures have status 200.
      token_headers: { accept: "application/json" },
      errors: [{ code: "bad_refresh_token", means: "grant-dead" }],
    },
  ],
  headers: { "X-GitHub-Api-Version": "2022-11-28" },
  check: { path: "/user", account: { id: "$.id", label: "$.login" } },
  retry: { wait_until: [{ header: "x-ratelimit-reset", unit: "s" }] },
};

const slack = {
  display_name: "Slack",
  base_url: "https://slack.com/api",
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://slack.com/oauth/v2/authorize",
      authorize_params: { user_scope: "search:read,users:read" },
      token_url: "https://slack.com/api/oauth.v2.access",
      client_auth: "body",
      pkce: false,
      scopes: ["chat:write", "channels:read"],
      scope_separator: ",",
      refresh: "rotating",
      answer: { access_token: "authed_user.access_token", refresh_token: "authed_user.refresh_token", ok: "ok" },
      errors: [
        { code: "invalid_refresh_token", means: "grant-dead" },
        { code: "token_expired", means: "grant-dead" },
        { code: "invalid_code", means: "grant-dead" },
      ],
    },
  ],
  check: { method: "POST", path: "/auth.test", account: { id: "$.user_id", label: "$.user" } },
  errors: [
    { at: "$.error", equals: "token_revoked", means: "reauthorize" },
    { at: "$.error", equals: "ratelimited", means: "rate_limited" },
    { at: "$.ok", equals: false, means: "rejected" },
  ],
};

const shopify = {
  display_name: "Shopify",
  base_url: "https://{shop}.myshopify.com/admin/api/2026-01",
  variables: [
    { name: "shop", label: "Shop", pattern: "[a-z0-9][a-z0-9-]*", prefix: "https://", suffix: ".myshopify.com" },
  ],
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://{shop}.myshopify.com/admin/oauth/authorize",
      token_url: "https://{shop}.myshopify.com/admin/oauth/access_token",
      token_params: { expiring: "1" },
      client_auth: "body",
      token_body: "json",
      scope_separator: ",",
      scopes: ["read_products"],
      refresh: "rotating",
      token_place: { header: "X-Shopify-Access-Token" },
      keep_from_callback: [{ name: "shop_domain", from: "shop", pattern: "[a-z0-9][a-z0-9-]*\\.myshopify\\.com" }],
    },
  ],
};

const notion = {
  display_name: "Notion",
  base_url: "https://api.notion.com/v1",
  headers: { "Notion-Version": "2022-06-28" },
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://api.notion.com/v1/oauth/authorize",
      authorize_params: { owner: "user" },
      token_url: "https://api.notion.com/v1/oauth/token",
      token_body: "json",
      client_auth: "basic",
      basic_encoding: "plain",
      pkce: false,
      refresh: "none",
      keep_from_answer: [{ name: "workspace", from: "workspace_id", pattern: "[0-9a-f-]{36}" }],
    },
  ],
  check: { path: "/users/me", account: { id: "$.id", label: "$.name" } },
};

const salesforce = {
  display_name: "Salesforce",
  base_url: "{instance_url}/services/data/v60.0",
  variables: [{ name: "login", label: "Login host", enum: ["login", "test"], default: "login" }],
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://{login}.salesforce.com/services/oauth2/authorize",
      token_url: "https://{login}.salesforce.com/services/oauth2/token",
      revoke_url: "https://{login}.salesforce.com/services/oauth2/revoke",
      scopes: ["api", "refresh_token"],
      answer: { default_life_s: 7200 },
      keep_from_answer: [
        {
          name: "instance_url",
          from: "instance_url",
          pattern: "https://[a-z0-9-]+(\\.[a-z0-9-]+)*\\.my\\.salesforce\\.com",
        },
      ],
    },
  ],
  errors: [{ at: "$[*].errorCode", equals: "INVALID_SESSION_ID", means: "reauthorize" }],
};

const hubspot = {
  display_name: "HubSpot",
  base_url: "https://api.hubapi.com",
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://app.hubspot.com/oauth/authorize",
      token_url: "https://api.hubapi.com/oauth/v1/token",
      client_auth: "body",
      scopes: ["crm.objects.contacts.read"],
    },
  ],
  check: { path: "/account-info/v3/details", account: { id: "$.portalId" } },
};

const google = {
  display_name: "Google Calendar",
  base_url: "https://www.googleapis.com/calendar/v3",
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://accounts.google.com/o/oauth2/v2/auth",
      authorize_params: { access_type: "offline", prompt: "consent", include_granted_scopes: "true" },
      issuer: "https://accounts.google.com",
      token_url: "https://oauth2.googleapis.com/token",
      revoke_url: "https://oauth2.googleapis.com/revoke",
      client_auth: "body",
      scopes: ["https://www.googleapis.com/auth/calendar.readonly"],
    },
    {
      type: "service_account",
      token_url: "https://oauth2.googleapis.com/token",
      scopes: ["https://www.googleapis.com/auth/calendar.readonly"],
    },
  ],
};

const microsoft = {
  display_name: "Microsoft Graph",
  base_url: "https://graph.microsoft.com/v1.0",
  variables: [{ name: "tenant", label: "Tenant", default: "common", pattern: "[A-Za-z0-9.-]+" }],
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
      token_url: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
      client_auth: "body",
      scopes: ["offline_access", "User.Read"],
      refresh: "rotating",
      errors: [
        { code: "interaction_required", means: "grant-dead" },
        { code: "invalid_grant", text: "AADSTS7000222", means: "app" },
      ],
    },
    {
      type: "oauth2_client_credentials",
      token_url: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
      client_auth: "body",
      scopes: ["https://graph.microsoft.com/.default"],
    },
  ],
};

const quickbooks = {
  display_name: "QuickBooks",
  base_url: "https://{environment}.api.intuit.com/v3/company/{realm_id}",
  variables: [{ name: "environment", label: "Environment", enum: ["quickbooks", "sandbox-quickbooks"] }],
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://appcenter.intuit.com/connect/oauth2",
      token_url: "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
      scopes: ["com.intuit.quickbooks.accounting"],
      refresh: "rotating",
      answer: { refresh_expires_in: "x_refresh_token_expires_in" },
      keep_from_callback: [{ name: "realm_id", from: "realmId", pattern: "[0-9]{1,20}" }],
    },
  ],
};

const zoho = {
  display_name: "Zoho CRM",
  base_url: "{api_domain}/crm/v6",
  variables: [{ name: "region", label: "Region", enum: ["com", "eu", "in", "com.au", "jp"], default: "com" }],
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://accounts.zoho.{region}/oauth/v2/auth",
      authorize_params: { access_type: "offline", prompt: "consent" },
      token_url: "https://accounts.zoho.{region}/oauth/v2/token",
      client_auth: "body",
      scope_separator: ",",
      scopes: ["ZohoCRM.modules.ALL"],
      errors: [{ code: "invalid_code", means: "grant-dead" }],
      keep_from_answer: [
        { name: "api_domain", from: "api_domain", pattern: "https://www\\.zohoapis\\.(com|eu|in|com\\.au|jp)" },
      ],
    },
  ],
};

const amazon = {
  display_name: "Amazon Selling Partner",
  base_url: "https://sellingpartnerapi-{region}.amazon.com",
  variables: [{ name: "region", label: "Region", enum: ["na", "eu", "fe"] }],
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://sellercentral.amazon.com/apps/authorize/consent",
      token_url: "https://api.amazon.com/auth/o2/token",
      client_auth: "body",
      pkce: false,
      code_param: "spapi_oauth_code",
      keep_from_callback: [{ name: "seller", from: "selling_partner_id", pattern: "[A-Z0-9]{8,20}" }],
      token_place: { header: "x-amz-access-token" },
    },
  ],
};

const tiktok = {
  display_name: "TikTok Ads",
  base_url: "https://business-api.tiktok.com/open_api/v1.3",
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://www.tiktok.com/v2/auth/authorize",
      token_url: "https://open.tiktokapis.com/v2/oauth/token/",
      refresh_url: "https://open.tiktokapis.com/v2/oauth/refresh/",
      client_auth: "body",
      param_names: { client_id: "client_key" },
      scopes: ["user.info.basic"],
      scope_separator: ",",
      answer: { access_token: "data.access_token", refresh_token: "data.refresh_token", expires_in: "data.expires_in" },
      token_place: { header: "Access-Token" },
    },
  ],
};

const figma = {
  display_name: "Figma",
  base_url: "https://api.figma.com/v1",
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://www.figma.com/oauth",
      token_url: "https://api.figma.com/v1/oauth/token",
      refresh_url: "https://api.figma.com/v1/oauth/refresh",
      token_body: "query",
      client_auth: "basic",
      scopes: ["files:read"],
    },
  ],
  check: { path: "/me", account: { id: "$.id", label: "$.email" } },
};

const stripeApps = {
  display_name: "Stripe apps",
  base_url: "https://api.stripe.com/v1",
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://marketplace.stripe.com/oauth/v2/authorize",
      token_url: "https://api.stripe.com/v1/oauth/token",
      client_auth: "basic",
      pkce: false,
      refresh: "rotating",
      answer: { default_life_s: 3600 },
    },
  ],
};

const reddit = {
  display_name: "Reddit",
  base_url: "https://oauth.reddit.com",
  headers: { "User-Agent": "server:hawser:v1 (by /u/{owner})" },
  variables: [{ name: "owner", label: "User name", pattern: "[A-Za-z0-9_-]{3,20}" }],
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://www.reddit.com/api/v1/authorize",
      authorize_params: { duration: "permanent" },
      token_url: "https://www.reddit.com/api/v1/access_token",
      token_headers: { "User-Agent": "server:hawser:v1" },
      client_auth: "basic",
      pkce: false,
      scopes: ["identity", "read"],
    },
  ],
};

const mailchimp = {
  display_name: "Mailchimp",
  base_url: "https://{dc}.api.mailchimp.com/3.0",
  more_addresses: ["https://login.mailchimp.com"],
  lookups: [
    {
      url: "https://login.mailchimp.com/oauth2/metadata",
      keep: [{ name: "dc", from: "$.dc", pattern: "[a-z]{2}[0-9]+" }],
    },
  ],
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://login.mailchimp.com/oauth2/authorize",
      token_url: "https://login.mailchimp.com/oauth2/token",
      client_auth: "body",
      refresh: "none",
      pkce: false,
    },
  ],
  check: { path: "/", account: { id: "$.account_id", label: "$.account_name" } },
};

const fiserv = {
  display_name: "Fiserv",
  base_url: "https://api.fiserv.com",
  auth: [
    {
      type: "oauth2_client_credentials",
      token_url: "https://api.fiserv.com/oauth/token",
      answer: { expires_unit: "ms" },
    },
  ],
};

const linkedin = {
  display_name: "LinkedIn",
  base_url: "https://api.linkedin.com/rest",
  headers: { "LinkedIn-Version": "202601" },
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://www.linkedin.com/oauth/v2/authorization",
      token_url: "https://www.linkedin.com/oauth/v2/accessToken",
      client_auth: "body",
      pkce: false,
      refresh: "none",
      scopes: ["openid", "profile"],
      life_days: 60,
    },
  ],
};

const medium = {
  display_name: "Medium",
  base_url: "https://api.medium.com/v1",
  auth: [{ type: "bearer", label: "Integration token" }],
  check: { path: "/me", account: { id: "$.data.id", label: "$.data.name" } },
};

const autodesk = {
  display_name: "Autodesk",
  base_url: "https://developer.api.autodesk.com",
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: "https://developer.api.autodesk.com/authentication/v2/authorize",
      token_url: "https://developer.api.autodesk.com/authentication/v2/token",
      scopes: ["data:read"],
      refresh: "rotating",
      idle_days: 15,
    },
  ],
};

const session = {
  display_name: "An API that answers GET token calls with its own names",
  base_url: "https://api.example.com",
  auth: [
    {
      type: "two_step",
      fields: [
        { name: "login", label: "Login", secret: false },
        { name: "password", label: "Password" },
      ],
      login: {
        method: "GET",
        url: "https://api.example.com/session",
        body: "query",
        params: { u: "{login}", p: "{password}" },
      },
      answer: { access_token: "data.sessionId", expires_at: "data.validUntil" },
      token_place: { header: "X-Session" },
    },
  ],
};

const zoom = {
  display_name: "Zoom",
  base_url: "https://api.zoom.us/v2",
  variables: [{ name: "account", label: "Account id", pattern: "[A-Za-z0-9_-]+" }],
  auth: [
    {
      type: "oauth2_client_credentials",
      token_url: "https://zoom.us/oauth/token",
      client_auth: "basic",
      token_params: { grant_type: "account_credentials", account_id: "{account}" },
    },
  ],
};

const auth0 = {
  display_name: "Auth0",
  base_url: "https://{domain}/api/v2",
  variables: [{ name: "domain", label: "Domain", pattern: "[a-z0-9-]+(\\.[a-z0-9-]+)*\\.auth0\\.com" }],
  auth: [
    {
      type: "oauth2_client_credentials",
      token_url: "https://{domain}/oauth/token",
      token_body: "json",
      client_auth: "body",
      token_params: { audience: "https://{domain}/api/v2/" },
    },
  ],
};

const okta = {
  display_name: "Okta",
  base_url: "https://{org}.okta.com/api/v1",
  variables: [{ name: "org", label: "Organisation" }],
  auth: [{ type: "api_key", label: "API token", place: { header: "Authorization", prefix: "SSWS " } }],
};

const keyInQuery = {
  display_name: "Key in the query",
  base_url: "https://api.example.com",
  auth: [{ type: "api_key", place: { query: "api_key" } }],
};

const bareAuthorization = {
  display_name: "Linear",
  base_url: "https://api.linear.app",
  auth: [{ type: "api_key", place: { header: "Authorization" } }],
};

const keyAsUserName = {
  display_name: "Freshdesk",
  base_url: "https://{domain}.freshdesk.com/api/v2",
  variables: [{ name: "domain", label: "Domain", suffix: ".freshdesk.com" }],
  auth: [{ type: "basic", username_label: "API key", fixed_password: "X" }],
};

const openData = {
  display_name: "Open data",
  base_url: "https://data.example.org/api",
  auth: [{ type: "none" }],
};

export const oddProviders = {
  github,
  slack,
  shopify,
  notion,
  salesforce,
  hubspot,
  google,
  microsoft,
  quickbooks,
  zoho,
  amazon,
  tiktok,
  figma,
  stripeApps,
  reddit,
  mailchimp,
  fiserv,
  linkedin,
  medium,
  autodesk,
  session,
  zoom,
  auth0,
  okta,
  keyInQuery,
  bareAuthorization,
  keyAsUserName,
  openData,
};
