exception Ex { 1: string message }
struct NoEx {}
typedef NoEx AlsoNoEx
service S {
  oneway i32 a()
  oneway void b() throws (1: Ex ex)
  void c() throws (1: NoEx x, 2: AlsoNoEx y, 3: i32 z)
}
service Loop extends Pool {}
service Pool extends Loop {}
service Self extends Self {}
