import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "./app/router.tsx";
import { leaveWhenSignedOut } from "./app/signed-out.ts";
import { queryClient } from "./lib/query.ts";
import "./lib/theme.ts";
import "./styles.css";

const place = document.getElementById("root");
if (!place) throw new Error("index.html has no #root");

leaveWhenSignedOut(queryClient, router);
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
