struct Words { 1: i32 list, 2: string required, 3: bool struct; 4: i64 namespace 5: i32 include 6: i32 end }
service S { void map(1: i32 oneway, 2: i32 void) }
typedef list cpp_type "std::deque<int>" <i32> Deque
