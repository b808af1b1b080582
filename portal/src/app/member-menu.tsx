import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Keyboard, LogOut, Monitor, Moon, Sun, UserRound } from "lucide-react";
import { hawser } from "../lib/api.ts";
import { cn } from "../lib/cn.ts";
import { forgetPerson, useMe } from "../lib/session.ts";
import { chooseTheme, useTheme } from "../lib/theme.ts";
import { Menu, MenuChoice, MenuItem, MenuLink, MenuSeparator } from "../ui/menu.tsx";
import { ProviderGlyph } from "../ui/provider-glyph.tsx";
import { toastError } from "../ui/toast.tsx";
import { openOverlay } from "./open-overlay.ts";

/** Who is signed in: profile, theme, keys, sign out. */
export function MemberMenu({ hidden, full }: { hidden: string; full: boolean }) {
  const me = useMe();
  const theme = useTheme();
  const signOut = useSignOut();
  return (
    <Menu
      align="start"
      side="top"
      className="w-56"
      trigger={
        <button
          type="button"
          title={me.name}
          className={cn(
            "flex w-full items-center gap-2.5 rounded-md px-2 py-1.5 text-left font-medium text-muted hover:text-foreground pointer-coarse:min-h-11",
            !full && "max-xl:justify-center max-xl:px-0",
          )}
        >
          <ProviderGlyph id={me.id} name={me.name} size="small" className="-mx-0.75" />
          <span className={cn("truncate", hidden)}>{me.name}</span>
        </button>
      }
    >
      <div className="px-2 pt-1 pb-1.5">
        <p className="truncate font-medium">{me.name}</p>
        <p className="truncate text-xs text-muted">{me.email}</p>
      </div>
      <MenuSeparator />
      <MenuLink to="/me" icon={UserRound}>
        Your account
      </MenuLink>
      <MenuItem icon={Keyboard} onSelect={() => openOverlay("help")}>
        Keyboard
      </MenuItem>
      <MenuSeparator />
      <MenuChoice
        label="Theme"
        value={theme}
        onChange={chooseTheme}
        options={[
          { value: "system", label: "As the system", icon: Monitor },
          { value: "light", label: "Light", icon: Sun },
          { value: "dark", label: "Dark", icon: Moon },
        ]}
      />
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={signOut}>
        Sign out
      </MenuItem>
    </Menu>
  );
}

/** Ends the session, forgets everything that was fetched with it, and leads to sign-in. */
export function useSignOut(): () => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { mutate } = useMutation({
    mutationFn: () => hawser.identity.signOut(),
    onSuccess: async () => {
      await navigate({ to: "/sign-in" });
      forgetPerson(client);
    },
    onError: (error) => toastError("You could not be signed out", error),
  });
  return () => mutate();
}
