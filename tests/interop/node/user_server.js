// UserService on npm's thrift, compact over framed.
'use strict';

const Int64 = require('node-int64');
const UserService = require('UserService');
const { Role, User, UserNotFound } = require('user_types');
const { serve } = require('./serving');

const users = new Map([
  ['7', new User({ id: new Int64(7), name: 'Grace', role: Role.MANAGER, lastSeen: new Int64(1700000000000) })],
  ['8', new User({ id: new Int64(8), name: 'Linus' })],
]);

const handler = {
  getUser(id, result) {
    const user = users.get(id.toString());
    if (user) {
      result(null, user);
    } else {
      result(new UserNotFound({ message: `no user ${id}` }));
    }
  },
};

serve(UserService, handler, 'compact', 'framed');
