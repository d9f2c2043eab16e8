typedef string (format = "email") Email
struct A { 1: string (format = "date") a, 2: Email b (format = "own"), 3: Email c }
enum E { A (deprecated), B }
